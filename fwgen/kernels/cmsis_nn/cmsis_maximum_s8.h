/* Maximum of tensors of one shape, or with a scalar, by CMSIS-NN, int8. */
#ifndef FW_CMSIS_MAXIMUM_S8_H
#define FW_CMSIS_MAXIMUM_S8_H

#include "cmsis_nn.h"

typedef struct {
  cmsis_nn_dims input1, input2, output;
} fw_cmsis_maximum_s8_params;

/* input1 (p->input1), input2 (p->input2), output (p->output). */
void fw_cmsis_maximum_s8(const fw_cmsis_maximum_s8_params* p, const int8_t* input1,
                         const int8_t* input2, int8_t* output);

#endif
