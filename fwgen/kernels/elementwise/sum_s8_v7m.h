/* Weighted sum of two int8 tensors of the same shape, for Armv7-M: addition and subtraction. */
#ifndef FW_SUM_S8_V7M_H
#define FW_SUM_S8_V7M_H

#include <stdint.h>

#include "v7m_required.h"

typedef struct {
  int32_t weight1, weight2, offset; /* in units of 2^-21 of the output */
} fw_sum_s8_v7m_params;

/* output may be either input. */
void fw_sum_s8_v7m(const fw_sum_s8_v7m_params* p, const int8_t* input1, const int8_t* input2,
                   int8_t* output, int32_t count);

#endif
