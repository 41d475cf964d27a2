/* Softmax by CMSIS-NN, int8. */
#ifndef FW_CMSIS_SOFTMAX_S8_H
#define FW_CMSIS_SOFTMAX_S8_H

#include "cmsis_nn.h"

typedef struct {
  int32_t rows, depth;
  int32_t multiplier, shift;
  int32_t diff_min;
} fw_cmsis_softmax_s8_params;

/* input and output (rows, depth), which may be the same. A difference to the greatest logit below
 * diff_min gives nothing. */
void fw_cmsis_softmax_s8(const fw_cmsis_softmax_s8_params* p, const int8_t* input, int8_t* output);

#endif
