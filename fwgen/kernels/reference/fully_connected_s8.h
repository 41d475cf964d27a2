/* Rows times a matrix of weights, int8: reference variant. */
#ifndef FW_FULLY_CONNECTED_S8_H
#define FW_FULLY_CONNECTED_S8_H

#include <stdint.h>

#include "fully_connected.h"

/* input (rows, depth), weights (units, depth), bias (units) or null, multiplier and shift (units)
 * or (1), output (rows, units). */
void fw_fully_connected_s8(const fw_fully_connected_params* p, const int8_t* input,
                           const int8_t* restrict weights, const int32_t* restrict bias,
                           const int32_t* restrict multiplier, const int32_t* restrict shift,
                           int8_t* output);

#endif
