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
 * in magnitude, because the multiplier is at most 1/2; 15 of int16 values, below 2^30
 * with any zero point. */
static inline int32_t fw_scale_operand(int32_t value, int32_t zero_point, int32_t multiplier,
                                       int32_t shift, int32_t fraction_bits) {
  return fw_requantize((value - zero_point) * (1 << fraction_bits), multiplier, shift);
}

/* The sum or the difference of two operands at their common scale. */
static inline int32_t fw_scaled_sum(const fw_add_sub_params* p, int32_t a, int32_t b,
                                    int32_t fraction_bits) {
  return fw_scale_operand(a, p->input1_zero_point, p->input1_multiplier, p->input1_shift,
                          fraction_bits) +
         fw_scale_operand(b, p->input2_zero_point, p->input2_multiplier, p->input2_shift,
                          fraction_bits);
}

static inline int32_t fw_scaled_difference(const fw_add_sub_params* p, int32_t a, int32_t b,
                                           int32_t fraction_bits) {
  return fw_scale_operand(a, p->input1_zero_point, p->input1_multiplier, p->input1_shift,
                          fraction_bits) -
         fw_scale_operand(b, p->input2_zero_point, p->input2_multiplier, p->input2_shift,
                          fraction_bits);
}

/* What was calculated at the common scale in that of the output, clamped. */
static inline int32_t fw_scaled_output(const fw_add_sub_params* p, int32_t value) {
  const int32_t raw = fw_requantize(value, p->output_multiplier, p->output_shift);
  const int32_t zero_point = p->output_zero_point;
  return fw_clamp(raw, p->activation_min - zero_point, p->activation_max - zero_point) + zero_point;
}

/* The square of a difference, which must stay below 2^31, in the scale of the output. */
static inline int32_t fw_scaled_square(const fw_add_sub_params* p, int32_t a, int32_t b,
                                       int32_t fraction_bits) {
  const int32_t difference = fw_scaled_difference(p, a, b, fraction_bits);
  return fw_scaled_output(p, difference * difference);
}

#endif
