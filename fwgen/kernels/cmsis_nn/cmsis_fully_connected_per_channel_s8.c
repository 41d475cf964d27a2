/* Fully connected layer by CMSIS-NN, int8, a scale per unit: all arithmetic is the library's; the
 * sums of weights are constants. */
#include "cmsis_fully_connected_per_channel_s8.h"

void fw_cmsis_fully_connected_per_channel_s8(
    const fw_cmsis_fully_connected_per_channel_s8_params* p, const int8_t* input,
    const int8_t* weights, const int32_t* bias, const int32_t* sums, const int32_t* multiplier,
    const int32_t* shift, int8_t* output) {
  /* only read */
  const cmsis_nn_context context = {.buf = (void*)(uintptr_t)sums,
                                    .size = fw_cmsis_fully_connected_per_channel_s8_bytes(p)};
  const cmsis_nn_per_channel_quant_params quant = fw_cmsis_per_channel(multiplier, shift);
  const cmsis_nn_dims biases = {.n = 1, .h = 1, .w = 1, .c = p->filter.c};
  fw_cmsis_require(arm_fully_connected_per_channel_s8(&context, &p->fc, &quant, &p->input, input,
                                                      &p->filter, weights, &biases, bias,
                                                      &p->output, output));
}

int32_t fw_cmsis_fully_connected_per_channel_s8_bytes(
    const fw_cmsis_fully_connected_per_channel_s8_params* p) {
  return arm_fully_connected_s8_get_buffer_size(&p->filter);
}
