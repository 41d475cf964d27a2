/* Rows times a matrix of weights, float: reference variant. */
#ifndef FW_FULLY_CONNECTED_F32_H
#define FW_FULLY_CONNECTED_F32_H

#include <stdint.h>

#include "fully_connected.h"

/* input (rows, depth), weights (units, depth), bias (units) or null, bounds (2) of the output,
 * output (rows, units). */
void fw_fully_connected_f32(const fw_fully_connected_params* p, const float* input,
                            const float* restrict weights, const float* restrict bias,
                            const float* bounds, float* output);

#endif
