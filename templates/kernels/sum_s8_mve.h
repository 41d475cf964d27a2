/* Weighted sum of two int8 tensors of the same shape, for MVE: addition and subtraction. */
#ifndef FW_SUM_S8_MVE_H
#define FW_SUM_S8_MVE_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t count;
  int32_t weight1, weight2, offset; /* in units of 2^-21 of the output */
} fw_sum_s8_mve_params;

/* output may be one of the inputs. */
void fw_sum_s8_mve(const fw_sum_s8_mve_params* p, const int8_t* input1, const int8_t* input2,
                   int8_t* output);

#endif
