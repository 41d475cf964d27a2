/* Product of two int16 tensors of the same shape, for MVE. */
#ifndef FW_MUL_S16_MVE_H
#define FW_MUL_S16_MVE_H

#include "mve_elementwise.h"

typedef struct {
  int32_t output_multiplier;
  int32_t output_shift; /* -24 to -1 */
} fw_mul_s16_mve_params;

/* `params` are fw_mul_s16_mve_params; zero points are 0. */
void fw_mul_s16_mve(const void* params, const int16_t* input1, const int16_t* input2,
                    int16_t* output, int32_t count);

#endif
