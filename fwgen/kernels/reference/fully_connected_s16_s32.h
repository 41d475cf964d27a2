/* Rows times a matrix of weights, int16 with sums of 32 bits: reference variant. */
#ifndef FW_FULLY_CONNECTED_S16_S32_H
#define FW_FULLY_CONNECTED_S16_S32_H

#include <stdint.h>

#include "fully_connected.h"

/* input (rows, depth), weights (units, depth), bias (units) or null, multiplier and shift (units)
 * or (1), output (rows, units). */
void fw_fully_connected_s16_s32(const fw_fully_connected_params* p, const int16_t* input,
                                const int8_t* restrict weights, const int32_t* restrict bias,
                                const int32_t* restrict multiplier, const int32_t* restrict shift,
                                int16_t* output);

#endif
