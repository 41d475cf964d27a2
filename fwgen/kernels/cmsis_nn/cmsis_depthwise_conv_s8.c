/* Depthwise convolution by CMSIS-NN, int8: all arithmetic is the library's, which picks its way by
 * shape. */
#include "cmsis_depthwise_conv_s8.h"

void fw_cmsis_depthwise_conv_s8(const fw_cmsis_depthwise_conv_s8_params* p, const int8_t* input,
                                const int8_t* weights, const int32_t* bias,
                                const int32_t* multiplier, const int32_t* shift, void* scratch,
                                int8_t* output) {
  const cmsis_nn_context context = {.buf = scratch, .size = p->scratch_bytes};
  const cmsis_nn_per_channel_quant_params quant = fw_cmsis_per_channel(multiplier, shift);
  const cmsis_nn_dims biases = {.n = 1, .h = 1, .w = 1, .c = p->output.c};
  fw_cmsis_require(arm_depthwise_conv_wrapper_s8(&context, &p->conv, &quant, &p->input, input,
                                                 &p->filter, weights, &biases, bias, &p->output,
                                                 output));
}

int32_t fw_cmsis_depthwise_conv_s8_bytes(const fw_cmsis_depthwise_conv_s8_params* p) {
  return arm_depthwise_conv_wrapper_s8_get_buffer_size(&p->conv, &p->input, &p->filter, &p->output);
}
