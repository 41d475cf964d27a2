/* Fixed-point rescaling as TFLM's reference kernels do it in their default configuration: rounded
 * twice. The Python twin is fwgen/model/fixed_point.py.
 */
#ifndef FW_REQUANTIZE_H
#define FW_REQUANTIZE_H

#include <stdint.h>

/* round(a * b / 2^31), halves up. The one overflow, both operands INT32_MIN, cannot happen:
 * multipliers are never negative. */
static inline int32_t fw_doubling_high_multiply(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

/* round(a / 2^exponent), halves away from zero; exponent 0 to 31. */
static inline int32_t fw_rounding_shift_right(int32_t a, int32_t exponent) {
  const int32_t mask = (int32_t)((UINT32_C(1) << exponent) - 1u);
  const int32_t remainder = a & mask;
  const int32_t threshold = (mask >> 1) + (a < 0 ? 1 : 0);
  return (a >> exponent) + (remainder > threshold ? 1 : 0);
}

/* a * multiplier * 2^(shift - 31). A left shift (shift > 0) wraps at 32 bits, as on the target of
 * the reference; right shifts go down to -31. */
static inline int32_t fw_requantize(int32_t a, int32_t multiplier, int32_t shift) {
  const int32_t left = shift > 0 ? shift : 0;
  const int32_t right = shift > 0 ? 0 : -shift;
  const int32_t shifted = (int32_t)((uint32_t)a << left);
  return fw_rounding_shift_right(fw_doubling_high_multiply(shifted, multiplier), right);
}

/* a * 2^exponent, saturated to 32 bits. */
static inline int32_t fw_saturating_shift_left(int32_t a, int32_t exponent) {
  const int32_t most = INT32_MAX >> exponent;
  return a > most ? INT32_MAX : a < -most ? INT32_MIN : a * (1 << exponent);
}

static inline int32_t fw_clamp(int32_t value, int32_t low, int32_t high) {
  return value < low ? low : value > high ? high : value;
}

/* clamp(value + zero_point, low, high) without overflow where value is near the ends of 32 bits. */
static inline int8_t fw_add_zero_point(int32_t value, int32_t zero_point, int32_t low,
                                       int32_t high) {
  return (int8_t)(fw_clamp(value, low - zero_point, high - zero_point) + zero_point);
}

#endif
