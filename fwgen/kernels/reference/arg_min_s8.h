/* Place of the least element along an axis, int8: reference variant. */
#ifndef FW_ARG_MIN_S8_H
#define FW_ARG_MIN_S8_H

#include <stdint.h>

#include "extreme_place.h"

void fw_arg_min_s8(const fw_extreme_place_params* p, const int8_t* input, int32_t* output);

#endif
