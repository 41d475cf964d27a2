/* 1 / sqrt(a) by Newton-Raphson steps in fixed point. The Python twin is inverse_sqrt in
 * fwgen/model/fixed_point.py.
 */
#ifndef FW_INVERSE_SQRT_H
#define FW_INVERSE_SQRT_H

#include <stdint.h>

#include "requantize.h"

/* The multiplier for fw_requantize that stands for 1 / sqrt(a), and its shift; that of 1 for an a
 * below. Five steps from 1, with 3 integer bits, on a times a power of 4: 20 multiplications. */
static inline int32_t fw_inverse_sqrt(int32_t a, int32_t* shift) {
  *shift = 0;
  if (a <= 1) return INT32_MAX;
  int32_t exponent = -11;
  for (; a >= 1 << 29; a >>= 2) exponent--;
  for (; a < 1 << 27; a <<= 2) exponent++;
  const int32_t half = fw_rounding_shift_right(a >> 1, 1);
  const int32_t one_and_half = (1 << 28) + (1 << 27);
  int32_t x = 1 << 28;
  for (int32_t i = 0; i < 5; i++) {
    const int32_t square = fw_doubling_high_multiply(x, x);
    const int32_t cube = fw_saturating_shift_left(fw_doubling_high_multiply(square, x), 6);
    const int32_t step =
        fw_doubling_high_multiply(x, one_and_half) - fw_doubling_high_multiply(half, cube);
    x = fw_saturating_shift_left(step, 3);
  }
  x = fw_doubling_high_multiply(x, 1518500250); /* sqrt(1/2) */
  if (exponent > 0) return x * (1 << exponent);
  *shift = exponent;
  return x;
}

#endif
