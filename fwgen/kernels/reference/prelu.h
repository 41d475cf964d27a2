/* What PRELU of quantized tensors is for each element. */
#ifndef FW_PRELU_H
#define FW_PRELU_H

#include <stdint.h>

#include "requantize.h"
#include "rows.h"

typedef struct {
  int32_t size[FW_LEVELS]; /* of the output, outermost first */
  int32_t input1_stride[FW_LEVELS], input2_stride[FW_LEVELS];
  int32_t input1_zero_point, input2_zero_point, output_zero_point;
  int32_t above_multiplier, above_shift; /* of values that are not negative */
  int32_t below_multiplier, below_shift; /* of products with slopes */
  int32_t low, high;
} fw_prelu_params;

static inline int32_t fw_sloped(const fw_prelu_params* p, int32_t a, int32_t b) {
  const int32_t x = a - p->input1_zero_point;
  const int32_t scaled =
      x >= 0 ? fw_requantize(x, p->above_multiplier, p->above_shift)
             : fw_requantize(x * (b - p->input2_zero_point), p->below_multiplier, p->below_shift);
  const int32_t zero_point = p->output_zero_point;
  return fw_clamp(scaled, p->low - zero_point, p->high - zero_point) + zero_point;
}

#endif
