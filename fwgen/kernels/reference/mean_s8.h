/* Sum or mean of an int8 tensor over any axes: reference variant. */
#ifndef FW_MEAN_S8_H
#define FW_MEAN_S8_H

#include <stdint.h>

#include "reduction.h"

/* output is dense, in the order of the kept axes. */
void fw_mean_s8(const fw_rescaled_reduction_params* p, const int8_t* input, int8_t* output);

#endif
