/* Mean of a float tensor over any axes: reference variant. */
#ifndef FW_MEAN_F32_H
#define FW_MEAN_F32_H

#include <stdint.h>

#include "reduction.h"

/* output is dense, in the order of the kept axes. */
void fw_mean_f32(const fw_counted_reduction_params* p, const float* input, float* output);

#endif
