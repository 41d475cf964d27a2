/* Product of two int8 tensors of the same shape, for MVE. */
#ifndef FW_MUL_S8_MVE_H
#define FW_MUL_S8_MVE_H

#include "mve_elementwise.h"

typedef struct {
  int32_t input1_zero_point, input2_zero_point, output_zero_point;
  int32_t output_multiplier;
  int32_t output_shift; /* -24 to -1 */
} fw_mul_s8_mve_params;

/* `params` are fw_mul_s8_mve_params. */
void fw_mul_s8_mve(const void* params, const int8_t* input1, const int8_t* input2, int8_t* output,
                   int32_t count);

#endif
