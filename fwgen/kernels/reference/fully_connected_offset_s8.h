/* Rows times a matrix of int8 weights with a zero point: reference variant. */
#ifndef FW_FULLY_CONNECTED_OFFSET_S8_H
#define FW_FULLY_CONNECTED_OFFSET_S8_H

#include <stdint.h>

typedef struct {
  int32_t rows, depth, units;
  int32_t input_zero_point, weights_zero_point, output_zero_point;
  int32_t multiplier, shift;
  int32_t activation_min, activation_max;
} fw_fully_connected_offset_params;

/* input (rows, depth), weights (units, depth), bias (units) or null, output (rows, units). */
void fw_fully_connected_offset_s8(const fw_fully_connected_offset_params* p, const int8_t* input,
                                  const int8_t* restrict weights, const int32_t* restrict bias,
                                  int8_t* output);

#endif
