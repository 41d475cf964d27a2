/* Softmax by CMSIS-NN, int8: all arithmetic is the library's. */
#include "cmsis_softmax_s8.h"

void fw_cmsis_softmax_s8(const fw_cmsis_softmax_s8_params* p, const int8_t* input, int8_t* output) {
  arm_softmax_s8(input, p->rows, p->depth, p->multiplier, p->shift, p->diff_min, output);
}
