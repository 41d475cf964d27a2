/* Rows times a matrix of weights: what all element types have in common. */
#ifndef FW_FULLY_CONNECTED_H
#define FW_FULLY_CONNECTED_H

#include <stdint.h>

typedef struct {
  int32_t rows, depth, units;
  int32_t per_channel; /* 1: a multiplier and shift for each unit; 0: one for all */
  int32_t input_zero_point, output_zero_point;
  int32_t activation_min, activation_max;
} fw_fully_connected_params;

#endif
