/* Convolution by CMSIS-NN, int16: all arithmetic is the library's. */
#include "cmsis_convolve_s16.h"

void fw_cmsis_convolve_s16(const fw_cmsis_convolve_s16_params* p, const int16_t* input,
                           const int8_t* weights, const void* bias, const int32_t* multiplier,
                           const int32_t* shift, void* scratch, int16_t* output) {
  const cmsis_nn_context context = {.buf = scratch, .size = p->scratch_bytes};
  const cmsis_nn_per_channel_quant_params quant = fw_cmsis_per_channel(multiplier, shift);
  const cmsis_nn_dims biases = {.n = 1, .h = 1, .w = 1, .c = p->output.c};
  const cmsis_nn_bias_data constant = {.data = bias, .is_int32_bias = p->narrow != 0};
  fw_cmsis_require(arm_convolve_wrapper_s16(&context, &p->conv, &quant, &p->input, input,
                                            &p->filter, weights, &biases, &constant, &p->output,
                                            output));
}

int32_t fw_cmsis_convolve_s16_bytes(const fw_cmsis_convolve_s16_params* p) {
  return arm_convolve_wrapper_s16_get_buffer_size(&p->conv, &p->input, &p->filter, &p->output);
}
