/* PRELU of int8 tensors of the same shape, for MVE. */
#ifndef FW_PRELU_S8_MVE_H
#define FW_PRELU_S8_MVE_H

#include "mve_elementwise.h"

typedef struct {
  int32_t input1_zero_point, input2_zero_point, output_zero_point;
  int32_t above_left, above_multiplier, above_right; /* shifts: 0 or more, 0 or less */
  int32_t below_left, below_multiplier, below_right;
} fw_prelu_s8_mve_params;

/* `params` are fw_prelu_s8_mve_params; input2 are the slopes. */
void fw_prelu_s8_mve(const void* params, const int8_t* input1, const int8_t* input2, int8_t* output,
                     int32_t count);

#endif
