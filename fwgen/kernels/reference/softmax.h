/* The reciprocal that softmax kernels divide by, as TFLM's reference computes it. */
#ifndef FW_SOFTMAX_H
#define FW_SOFTMAX_H

#include <stdint.h>

#include "requantize.h"

/* 1 / (1 + a) for a in [0, 1], both in units of 2^-31. In between: h = (1 + a) / 2 in those units,
 * x = 1 / h in units of 2^-29. The start is the line 48/17 - 32/17 * h. */
static inline int32_t fw_reciprocal_of_one_plus(int32_t a) {
  const int32_t h = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
  int32_t x = 1515870810 + fw_doubling_high_multiply(h, -1010580540);
  for (int step = 0; step < 3; step++) {
    const int32_t error = (1 << 29) - fw_doubling_high_multiply(h, x);
    x += fw_saturating_shift_left(fw_doubling_high_multiply(x, error), 2);
  }
  return fw_saturating_shift_left(x, 1);
}

/* For a row whose exponentials add up to `sum` units of 2^-19: the factor of an exponential, in
 * units of 2^-31, and by how far the product is then shifted to the right, 4 to 35, for units of
 * 2^-8. */
typedef struct {
  int32_t factor, shift;
} fw_softmax_divisor;

static inline fw_softmax_divisor fw_softmax_divisor_of(uint32_t sum) {
  /* sum = (1 + fraction) * 2^(31 - headroom) units of 2^-19; it is at least 1.0, that of the
   * maximum */
  int32_t headroom = 0;
  while (sum >> 31 == 0) {
    sum <<= 1;
    headroom++;
  }
  return (fw_softmax_divisor){fw_reciprocal_of_one_plus((int32_t)(sum - (UINT32_C(1) << 31))),
                              12 + 31 - 8 - headroom};
}

#endif
