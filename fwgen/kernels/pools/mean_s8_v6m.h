/* Means and sums of int8 along axes before the last, channel by channel, for Armv6-M. */
#ifndef FW_MEAN_S8_V6M_H
#define FW_MEAN_S8_V6M_H

#include <stdint.h>

#include "reduction.h"

/* The last of the axes that stay has a stride of 1: its elements are channels. */
void fw_mean_s8_v6m(const fw_rescaled_reduction_params* p, const int8_t* input, int8_t* output);

#endif
