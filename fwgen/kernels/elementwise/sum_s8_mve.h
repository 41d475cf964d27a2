/* Weighted sum of two int8 tensors of the same shape, for MVE: addition and subtraction. */
#ifndef FW_SUM_S8_MVE_H
#define FW_SUM_S8_MVE_H

#include "mve_elementwise.h"

typedef struct {
  int32_t weight1, weight2, offset; /* in units of 2^-21 of the output */
} fw_sum_s8_mve_params;

/* `params` are fw_sum_s8_mve_params. */
void fw_sum_s8_mve(const void* params, const int8_t* input1, const int8_t* input2, int8_t* output,
                   int32_t count);

#endif
