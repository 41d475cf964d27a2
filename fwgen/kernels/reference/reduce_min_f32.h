/* Least of the elements of a float tensor over any axes: reference variant. */
#ifndef FW_REDUCE_MIN_F32_H
#define FW_REDUCE_MIN_F32_H

#include <stdint.h>

#include "reduction.h"

/* output is dense, in the order of the kept axes. */
void fw_reduce_min_f32(const fw_reduction_params* p, const float* input, float* output);

#endif
