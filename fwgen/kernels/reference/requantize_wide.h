/* Fixed-point rescaling of sums of 64 bits as TFLM does it: rounded once, by a multiplier of 15
 * bits. The Python twin is fwgen/model/fixed_point.py.
 */
#ifndef FW_REQUANTIZE_WIDE_H
#define FW_REQUANTIZE_WIDE_H

#include <stdint.h>

/* a * multiplier * 2^(shift - 31), wrapped at 32 bits; a is below 2^47 in magnitude, and shift from
 * -31 to 7, both proven at build. */
static inline int32_t fw_requantize_wide(int64_t a, int32_t multiplier, int32_t shift) {
  const int32_t reduced = multiplier < 0x7FFF0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
  const int32_t right = 15 - shift;
  return (int32_t)((a * reduced + (INT64_C(1) << (right - 1))) >> right);
}

#endif
