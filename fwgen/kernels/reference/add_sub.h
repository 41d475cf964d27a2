/* What addition and subtraction share: parameters and the scaling of operands. */
#ifndef FW_ADD_SUB_H
#define FW_ADD_SUB_H

#include <stdint.h>

#include "requantize.h"
#include "rows.h"

typedef struct {
  int32_t size[FW_LEVELS]; /* of the output, outermost first */
  int32_t input1_stride[FW_LEVELS], input2_stride[FW_LEVELS];
  int32_t input1_zero_point, input1_multiplier, input1_shift;
  int32_t input2_zero_point, input2_multiplier, input2_shift;
  int32_t output_multiplier, output_shift, output_zero_point;
  int32_t activation_min, activation_max;
} fw_add_sub_params;

/* Brings an operand to the common scale, with some fractional bits: 20 of int8 values, below 2^27
 * in magnitude, because the multiplier is at most 1/2; 15 of int16 values, at most 2^29. */
static inline int32_t fw_scale_operand(int32_t value, int32_t zero_point, int32_t multiplier,
                                       int32_t shift, int32_t fraction_bits) {
  return fw_requantize((value - zero_point) * (1 << fraction_bits), multiplier, shift);
}

#endif
