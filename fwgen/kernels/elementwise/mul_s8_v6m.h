/* Product of two int8 tensors of one shape, for Armv6-M. */
#ifndef FW_MUL_S8_V6M_H
#define FW_MUL_S8_V6M_H

#include "v6m_required.h"
#include "v6m_rescale.h"

typedef struct {
  int32_t input1_zero_point, input2_zero_point;
  int32_t start; /* the product that scale begins with */
  fw_v6m_scale scale;
} fw_mul_s8_v6m_params;

/* output may be either input. */
void fw_mul_s8_v6m(const fw_mul_s8_v6m_params* p, const int8_t* input1, const int8_t* input2,
                   int8_t* output, int32_t count);

#endif
