/* Squared difference of two int8 tensors of the same shape, for MVE. */
#ifndef FW_SQUARED_DIFFERENCE_S8_MVE_H
#define FW_SQUARED_DIFFERENCE_S8_MVE_H

#include "mve_elementwise.h"

typedef struct {
  int32_t input1_zero_point, input2_zero_point, output_zero_point;
  int32_t input1_multiplier, input1_right; /* shifts: 0 or less */
  int32_t input2_multiplier, input2_right;
  int32_t output_left, output_multiplier, output_right; /* the left one: 0 or more */
} fw_squared_difference_s8_mve_params;

/* `params` are fw_squared_difference_s8_mve_params. */
void fw_squared_difference_s8_mve(const void* params, const int8_t* input1, const int8_t* input2,
                                  int8_t* output, int32_t count);

#endif
