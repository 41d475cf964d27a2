/* Element-wise minimum of two int8 tensors of the same shape, for MVE. */
#ifndef FW_MINIMUM_S8_MVE_H
#define FW_MINIMUM_S8_MVE_H

#include "mve_elementwise.h"

void fw_minimum_s8_mve(const void* params, const int8_t* input1, const int8_t* input2,
                       int8_t* output, int32_t count);

#endif
