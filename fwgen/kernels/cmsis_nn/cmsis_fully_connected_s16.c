/* Fully connected layer by CMSIS-NN, int16, one scale of weights: all arithmetic is the library's,
 * which needs no scratch memory. */
#include "cmsis_fully_connected_s16.h"

void fw_cmsis_fully_connected_s16(const fw_cmsis_fully_connected_s16_params* p,
                                  const int16_t* input, const int8_t* weights, const int64_t* bias,
                                  int16_t* output) {
  const cmsis_nn_context context = {0};
  const cmsis_nn_dims biases = {.n = 1, .h = 1, .w = 1, .c = p->filter.c};
  fw_cmsis_require(arm_fully_connected_s16(&context, &p->fc, &p->quant, &p->input, input,
                                           &p->filter, weights, &biases, bias, &p->output, output));
}
