/* Product of two int8 tensors with broadcasting: reference variant. */
#ifndef FW_MUL_S8_H
#define FW_MUL_S8_H

#include <stdint.h>

#include "rows.h"

typedef struct {
  int32_t size[FW_LEVELS]; /* of the output, outermost first */
  int32_t input1_stride[FW_LEVELS], input2_stride[FW_LEVELS];
  int32_t input1_zero_point, input2_zero_point, output_zero_point;
  int32_t output_multiplier, output_shift;
  int32_t activation_min, activation_max;
} fw_mul_s8_params;

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_mul_s8(const fw_mul_s8_params* p, const int8_t* input1, const int8_t* input2,
               int8_t* output);

#endif
