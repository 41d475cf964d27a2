/* The clamp of int8 values, for Armv7-M. */
#ifndef FW_CLAMP_S8_V7M_H
#define FW_CLAMP_S8_V7M_H

#include <stdint.h>

/* Clamps `count` values to [least, most], in place. */
void fw_clamp_s8_v7m(int8_t* values, int32_t least, int32_t most, int32_t count);

#endif
