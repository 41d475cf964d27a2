/* The first place of the largest of int8 elements along the last axis, for MVE. */
#ifndef FW_ARG_MAX_S8_MVE_H
#define FW_ARG_MAX_S8_MVE_H

#include <stdint.h>

#include "extreme_place.h"
#include "mve_required.h"

/* As fw_arg_max_s8; p->inner is 1. */
void fw_arg_max_s8_mve(const fw_extreme_place_params* p, const int8_t* input, int32_t* output);

#endif
