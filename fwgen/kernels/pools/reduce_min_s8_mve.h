/* The least of int8 elements along any axes, for MVE. */
#ifndef FW_REDUCE_MIN_S8_MVE_H
#define FW_REDUCE_MIN_S8_MVE_H

#include <stdint.h>

#include "mve_required.h"
#include "reduction.h"

/* As fw_reduce_min_s8. */
void fw_reduce_min_s8_mve(const fw_reduction_params* p, const int8_t* input, int8_t* output);

#endif
