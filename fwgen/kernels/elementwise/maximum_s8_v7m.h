/* Greater of each two elements of two int8 tensors of the same shape, for Armv7-M. */
#ifndef FW_MAXIMUM_S8_V7M_H
#define FW_MAXIMUM_S8_V7M_H

#include <stdint.h>

#include "v7m_required.h"

/* output may be either input. */
void fw_maximum_s8_v7m(const int8_t* input1, const int8_t* input2, int8_t* output, int32_t count);

#endif
