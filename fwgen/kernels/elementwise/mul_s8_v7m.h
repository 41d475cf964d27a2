/* Product of two int8 tensors of the same shape, for Armv7-M. */
#ifndef FW_MUL_S8_V7M_H
#define FW_MUL_S8_V7M_H

#include "v7m_rescaled.h"

typedef struct {
  int32_t input1_zero_point, input2_zero_point;
  fw_rescaling rescaling;
} fw_mul_s8_v7m_params;

/* output may be either input. */
void fw_mul_s8_v7m(const fw_mul_s8_v7m_params* p, const int8_t* input1, const int8_t* input2,
                   int8_t* output, int32_t count);

#endif
