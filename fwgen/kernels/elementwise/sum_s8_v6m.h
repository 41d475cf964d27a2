/* Weighted sum of two int8 tensors of one shape, for Armv6-M. */
#ifndef FW_SUM_S8_V6M_H
#define FW_SUM_S8_V6M_H

#include "v6m_sums.h"

/* In units of 2^-21 of an output. */
typedef struct {
  int32_t weight1, weight2;
  fw_v6m_sum sum;
} fw_sum_s8_v6m_params;

/* output may be either input. */
void fw_sum_s8_v6m(const fw_sum_s8_v6m_params* p, const int8_t* input1, const int8_t* input2,
                   int8_t* output, int32_t count);

#endif
