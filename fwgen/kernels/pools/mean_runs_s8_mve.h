/* Means and sums along the last axis, and others, of int8, for MVE. */
#ifndef FW_MEAN_RUNS_S8_MVE_H
#define FW_MEAN_RUNS_S8_MVE_H

#include <stdint.h>

#include "mve_required.h"
#include "reduction.h"

/* As fw_mean_s8; reduced_stride[2] is 1, or reduced_size[2] is. */
void fw_mean_runs_s8_mve(const fw_rescaled_reduction_params* p, const int8_t* input,
                         int8_t* output);

#endif
