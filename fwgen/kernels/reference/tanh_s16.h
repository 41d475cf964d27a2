/* Hyperbolic tangent of int16 values: reference variant. */
#ifndef FW_TANH_S16_H
#define FW_TANH_S16_H

#include <stdint.h>

/* output[i] = 2^15 * tanh(input[i] * multiplier / 2^right / (3 * 2^12)), by the table of 256
 * entries of sigmoid(i / 24). output may be input. */
void fw_tanh_s16(const uint16_t* table, const int16_t* input, int16_t* output, int32_t count,
                 int32_t multiplier, int32_t right);

#endif
