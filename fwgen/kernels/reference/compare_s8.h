/* Comparison of two int8 tensors with broadcasting: reference variant. */
#ifndef FW_COMPARE_S8_H
#define FW_COMPARE_S8_H

#include <stdint.h>

#include "add_sub.h"
#include "pairs.h"

typedef struct {
  int32_t size[FW_LEVELS]; /* of the output, outermost first */
  int32_t input1_stride[FW_LEVELS], input2_stride[FW_LEVELS];
  int32_t input1_zero_point, input1_multiplier, input1_shift;
  int32_t input2_zero_point, input2_multiplier, input2_shift;
  int32_t holds; /* see FW_COMPARED */
} fw_compare_s8_params;

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_compare_s8(const fw_compare_s8_params* p, const int8_t* input1, const int8_t* input2,
                   uint8_t* output);

#endif
