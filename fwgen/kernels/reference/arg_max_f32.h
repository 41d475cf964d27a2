/* Place of the largest element along an axis, float: reference variant. */
#ifndef FW_ARG_MAX_F32_H
#define FW_ARG_MAX_F32_H

#include <stdint.h>

#include "extreme_place.h"

void fw_arg_max_f32(const fw_extreme_place_params* p, const float* input, int32_t* output);

#endif
