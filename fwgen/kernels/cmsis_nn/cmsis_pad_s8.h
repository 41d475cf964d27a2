/* Padding by CMSIS-NN, int8. */
#ifndef FW_CMSIS_PAD_S8_H
#define FW_CMSIS_PAD_S8_H

#include "cmsis_nn.h"

typedef struct {
  cmsis_nn_dims input, before, after;
  int32_t value;
} fw_cmsis_pad_s8_params;

/* input (p->input), output of the sizes of all three together. */
void fw_cmsis_pad_s8(const fw_cmsis_pad_s8_params* p, const int8_t* input, int8_t* output);

#endif
