/* The clamp of int8 values, for Armv6-M. */
#ifndef FW_CLAMP_S8_V6M_H
#define FW_CLAMP_S8_V6M_H

#include <stdint.h>

/* Clamps `count` values to [least, most], in place. */
void fw_clamp_s8_v6m(int8_t* values, int32_t least, int32_t most, int32_t count);

#endif
