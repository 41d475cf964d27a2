/* The natural logarithm in fixed point, as TFLM's reference computes it. The Python twin is
 * log_from_one in fwgen/model/fixed_point.py.
 */
#ifndef FW_LOG_OF_SUM_H
#define FW_LOG_OF_SUM_H

#include <stdint.h>

#include "requantize.h"
#include "softmax.h"

static inline int32_t fw_leading_zeros(int32_t a) {
  int32_t zeros = 0;
  while (a >> (30 - zeros) == 0) zeros++;
  return zeros + 1;
}

/* ln(a) in units of 2^-26 for an `a` of at least 1, in units of 2^-19. a = r * 2^k with an r around
 * sqrt(sqrt(1/2)), for which a fraction of two polynomials of q = 2 * (r - sqrt(sqrt(1/2))) stands:
 * 13 multiplications and a reciprocal. */
static inline int32_t fw_log_of_sum(int32_t a) {
  const int32_t sqrt_half = 1518500250, root = 1805811301, quarter = 1 << 23;
  const int32_t zeros_a = fw_leading_zeros(a);
  const int32_t r_a =
      fw_saturating_shift_left(fw_doubling_high_multiply(a * (1 << (zeros_a - 1)), sqrt_half), 1);
  const int32_t zeros_b = fw_leading_zeros(fw_doubling_high_multiply(a, sqrt_half)) - 1;
  const int32_t r_b = fw_saturating_shift_left(a, zeros_b);
  const int32_t power_a = (12 - zeros_a) * (1 << 25) + quarter;
  const int32_t power_b = (12 - zeros_b) * (1 << 25) - quarter;
  const int32_t r = r_a < r_b ? r_a : r_b;
  const int32_t power = power_a > power_b ? power_a : power_b;
  const int32_t p = (int32_t)(((int64_t)r + root + 1) / 2);
  const int32_t q = 2 * (r - root);
  const int32_t square = fw_doubling_high_multiply(q, q);
  const int32_t numerator =
      fw_doubling_high_multiply(q, r) +
      fw_doubling_high_multiply(fw_doubling_high_multiply(q, square), 117049297);
  const int32_t factor = 1057819769 + q + fw_doubling_high_multiply(127690142, square);
  const int32_t denominator =
      fw_doubling_high_multiply(p, factor) + fw_doubling_high_multiply(638450708, q);
  const int32_t fraction = fw_doubling_high_multiply(fw_rounding_shift_right(numerator, 6),
                                                     fw_reciprocal_of_one_plus(denominator));
  return fw_saturating_shift_left(fw_doubling_high_multiply(power, 1488522236) + fraction, 1);
}

#endif
