/* What the kernels share that bring integers to another scale, zero point and type. */
#ifndef FW_REQUANTIZED_H
#define FW_REQUANTIZED_H

#include <stdint.h>

#include "requantize.h"

typedef struct {
  int32_t elements;
  int32_t input_zero_point, multiplier, shift, output_zero_point;
  int32_t output_min, output_max; /* of the output's type */
} fw_requantize_params;

/* clamp(zp_out + requantize(value - zp_in)). Both sums wrap at 32 bits, as on the target of the
 * reference. */
static inline int32_t fw_requantized(const fw_requantize_params* p, int32_t value) {
  const int32_t moved = (int32_t)((uint32_t)value - (uint32_t)p->input_zero_point);
  const uint32_t scaled = (uint32_t)fw_requantize(moved, p->multiplier, p->shift);
  return fw_clamp((int32_t)(scaled + (uint32_t)p->output_zero_point), p->output_min, p->output_max);
}

#endif
