/* What multiplications of two quantized tensors share. */
#ifndef FW_MUL_H
#define FW_MUL_H

#include <stdint.h>

#include "requantize.h"
#include "rows.h"

typedef struct {
  int32_t size[FW_LEVELS]; /* of the output, outermost first */
  int32_t input1_stride[FW_LEVELS], input2_stride[FW_LEVELS];
  int32_t input1_zero_point, input2_zero_point, output_zero_point;
  int32_t output_multiplier, output_shift;
  int32_t activation_min, activation_max;
} fw_mul_params;

/* The output before its zero point is added, clamped; one requantization. */
static inline int32_t fw_product(const fw_mul_params* p, int32_t a, int32_t b) {
  const int32_t product = (a - p->input1_zero_point) * (b - p->input2_zero_point);
  const int32_t scaled = fw_requantize(product, p->output_multiplier, p->output_shift);
  return fw_clamp(scaled, p->activation_min - p->output_zero_point,
                  p->activation_max - p->output_zero_point);
}

#endif
