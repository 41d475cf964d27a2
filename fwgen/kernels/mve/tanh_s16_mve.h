/* Hyperbolic tangent of int16 values, with MVE. */
#ifndef FW_TANH_S16_MVE_H
#define FW_TANH_S16_MVE_H

#include <stdint.h>

/* As fw_tanh_s16; table (256) as mve_sigmoid.h has it. output may be input. */
void fw_tanh_s16_mve(const uint32_t* table, const int16_t* input, int16_t* output, int32_t count,
                     int32_t multiplier, int32_t right);

#endif
