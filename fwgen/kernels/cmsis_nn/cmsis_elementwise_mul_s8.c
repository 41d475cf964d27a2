/* Product of tensors by CMSIS-NN, int8: all arithmetic is the library's. */
#include "cmsis_elementwise_mul_s8.h"

void fw_cmsis_elementwise_mul_s8(const fw_cmsis_elementwise_mul_s8_params* p, const int8_t* input1,
                                 const int8_t* input2, int8_t* output) {
  fw_cmsis_require(arm_elementwise_mul_s8(
      input1, input2, p->input1_offset, p->input2_offset, output, p->output_offset,
      p->output_multiplier, p->output_shift, p->activation_min, p->activation_max, p->elements));
}
