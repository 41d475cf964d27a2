/* Difference of two int16 tensors, each with its own scale, for MVE. */
#ifndef FW_RESCALED_DIFFERENCE_S16_MVE_H
#define FW_RESCALED_DIFFERENCE_S16_MVE_H

#include "mve_rescaled.h"

/* near - far: near has the larger scale. */
void fw_rescaled_difference_s16_mve(const void* params, const int16_t* near, const int16_t* far,
                                    int16_t* output, int32_t count);

#endif
