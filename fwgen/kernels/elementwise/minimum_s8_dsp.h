/* Lesser of each two elements of two int8 tensors of the same shape, for the DSP extension. */
#ifndef FW_MINIMUM_S8_DSP_H
#define FW_MINIMUM_S8_DSP_H

#include <stdint.h>

#include "dsp_required.h"

/* output may be either input. */
void fw_minimum_s8_dsp(const int8_t* input1, const int8_t* input2, int8_t* output, int32_t count);

#endif
