/* Rows times a matrix of weights, int8: reference variant. */
#ifndef FW_FULLY_CONNECTED_S8_H
#define FW_FULLY_CONNECTED_S8_H

#include <stdint.h>

typedef struct {
  int32_t rows, depth, units;
  int32_t per_channel; /* 1: a multiplier and shift for each unit; 0: one for all */
  int32_t input_zero_point, output_zero_point;
  int32_t activation_min, activation_max;
} fw_fully_connected_s8_params;

/* input (rows, depth), weights (units, depth), bias (units) or null, multiplier and shift (units)
 * or (1), output (rows, units). */
void fw_fully_connected_s8(const fw_fully_connected_s8_params* p, const int8_t* input,
                           const int8_t* restrict weights, const int32_t* restrict bias,
                           const int32_t* restrict multiplier, const int32_t* restrict shift,
                           int8_t* output);

#endif
