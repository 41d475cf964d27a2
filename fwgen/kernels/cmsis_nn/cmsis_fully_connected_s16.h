/* Fully connected layer by CMSIS-NN, int16, one scale of weights. */
#ifndef FW_CMSIS_FULLY_CONNECTED_S16_H
#define FW_CMSIS_FULLY_CONNECTED_S16_H

#include "cmsis_nn.h"

typedef struct {
  cmsis_nn_fc_params fc;
  cmsis_nn_per_tensor_quant_params quant;
  cmsis_nn_dims input, filter, output;
} fw_cmsis_fully_connected_s16_params;

/* input (input.n, filter.n), weights (filter.c, filter.n), bias (filter.c) or null, output
 * (input.n, filter.c). */
void fw_cmsis_fully_connected_s16(const fw_cmsis_fully_connected_s16_params* p,
                                  const int16_t* input, const int8_t* weights, const int64_t* bias,
                                  int16_t* output);

#endif
