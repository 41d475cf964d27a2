/* Element-wise minimum of two int16 tensors of the same shape, for MVE. */
#ifndef FW_MINIMUM_S16_MVE_H
#define FW_MINIMUM_S16_MVE_H

#include "mve_elementwise.h"

void fw_minimum_s16_mve(const void* params, const int16_t* input1, const int16_t* input2,
                        int16_t* output, int32_t count);

#endif
