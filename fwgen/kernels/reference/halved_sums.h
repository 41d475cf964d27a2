/* How sums of int8 values are brought to the scale of the output. */
#ifndef FW_HALVED_SUMS_H
#define FW_HALVED_SUMS_H

#include <stdint.h>

#include "requantize.h"

/* The sum has 19 fractional bits then, of which it wraps at 32; one requantization. */
static inline int8_t fw_halved_sum(int32_t sum, int32_t multiplier, int32_t shift,
                                   int32_t zero_point) {
  const int32_t shifted = (int32_t)((uint32_t)sum << 19);
  return fw_add_zero_point(fw_requantize(shifted, multiplier, shift), zero_point, INT8_MIN,
                           INT8_MAX);
}

#endif
