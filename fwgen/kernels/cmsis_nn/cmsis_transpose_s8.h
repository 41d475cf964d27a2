/* Transposition by CMSIS-NN, int8. */
#ifndef FW_CMSIS_TRANSPOSE_S8_H
#define FW_CMSIS_TRANSPOSE_S8_H

#include "cmsis_nn.h"

typedef struct {
  cmsis_nn_dims input, output;
  int32_t dimensions;
  uint32_t order[4];
} fw_cmsis_transpose_s8_params;

/* input (p->input), output (p->output): dimension i of it is order[i] of the input; of fewer than
 * four dimensions the first ones count. */
void fw_cmsis_transpose_s8(const fw_cmsis_transpose_s8_params* p, const int8_t* input,
                           int8_t* output);

#endif
