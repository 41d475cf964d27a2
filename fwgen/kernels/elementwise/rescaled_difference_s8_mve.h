/* Difference of two int8 tensors, each with its own scale, for MVE. */
#ifndef FW_RESCALED_DIFFERENCE_S8_MVE_H
#define FW_RESCALED_DIFFERENCE_S8_MVE_H

#include "mve_rescaled.h"

/* near - far: near has the larger scale. */
void fw_rescaled_difference_s8_mve(const void* params, const int8_t* near, const int8_t* far,
                                   int8_t* output, int32_t count);

#endif
