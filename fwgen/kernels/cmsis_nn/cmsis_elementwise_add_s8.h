/* Sum of tensors of one shape by CMSIS-NN, int8. */
#ifndef FW_CMSIS_ELEMENTWISE_ADD_S8_H
#define FW_CMSIS_ELEMENTWISE_ADD_S8_H

#include "cmsis_nn.h"

typedef struct {
  int32_t elements;
  int32_t input1_offset, input1_multiplier, input1_shift;
  int32_t input2_offset, input2_multiplier, input2_shift;
  int32_t left_shift;
  int32_t output_offset, output_multiplier, output_shift;
  int32_t activation_min, activation_max;
} fw_cmsis_elementwise_add_s8_params;

/* All three of p->elements; the output may be either input. */
void fw_cmsis_elementwise_add_s8(const fw_cmsis_elementwise_add_s8_params* p, const int8_t* input1,
                                 const int8_t* input2, int8_t* output);

#endif
