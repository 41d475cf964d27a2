/* Sum or mean of an int16 tensor over any axes: reference variant. */
#ifndef FW_MEAN_S16_H
#define FW_MEAN_S16_H

#include <stdint.h>

#include "reduction.h"

/* output is dense, in the order of the kept axes. */
void fw_mean_s16(const fw_rescaled_reduction_params* p, const int16_t* input, int16_t* output);

#endif
