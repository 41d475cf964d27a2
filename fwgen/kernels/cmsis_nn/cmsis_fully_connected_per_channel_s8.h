/* Fully connected layer by CMSIS-NN, int8, a scale per unit. */
#ifndef FW_CMSIS_FULLY_CONNECTED_PER_CHANNEL_S8_H
#define FW_CMSIS_FULLY_CONNECTED_PER_CHANNEL_S8_H

#include "cmsis_nn.h"

typedef struct {
  cmsis_nn_fc_params fc;
  cmsis_nn_dims input, filter, output;
} fw_cmsis_fully_connected_per_channel_s8_params;

/* input (input.n, filter.n), weights (filter.c, filter.n), output (input.n, filter.c). On a core
 * with MVE sums (filter.c) are of a row of weights times input_offset plus bias, computed at build,
 * elsewhere null, and bias (filter.c) is what it says, or null. */
void fw_cmsis_fully_connected_per_channel_s8(
    const fw_cmsis_fully_connected_per_channel_s8_params* p, const int8_t* input,
    const int8_t* weights, const int32_t* bias, const int32_t* sums, const int32_t* multiplier,
    const int32_t* shift, int8_t* output);

/* Bytes of sums that the linked library reads. */
int32_t fw_cmsis_fully_connected_per_channel_s8_bytes(
    const fw_cmsis_fully_connected_per_channel_s8_params* p);

#endif
