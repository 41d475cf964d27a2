/* The float logarithm that TFLM is compared with, in double precision, without a library: some 40
 * instructions with an FPU for doubles, 600 without. The Python twin, which has the table and says
 * where the arithmetic is from, is fwgen/model/float_log.py.
 */
#ifndef FW_FLOAT_LOG_H
#define FW_FLOAT_LOG_H

#include <stdint.h>

#include "reals.h"

/* log(x); logs: the bits of 16 pairs of 1/c and log(c). x = 2^k * z, and z/c is 1 + r. */
static inline float fw_float_log(const int64_t* logs, float x) {
  uint32_t bits = fw_bits_of(x);
  if (bits << 1 == 0) return fw_float_of(0xFF800000u);
  if (bits << 1 > 0xFF000000u || bits == 0x7F800000u) return x; /* a NaN, infinity */
  if (bits >> 31) return fw_float_of(0x7FC00000u);
  if (bits < 0x00800000u) bits = fw_bits_of(x * 8388608.0f) - (23u << 23); /* subnormal */
  const uint32_t above = bits - 0x3F330000u;
  const int32_t k = (int32_t)above >> 23;
  const int64_t* pair = logs + 2 * (above >> 19 & 15);
  const double z = (double)fw_float_of(bits - (above & 0xFF800000u));
  const double r = z * fw_double_of(pair[0]) - 1.0;
  const double start = fw_double_of(pair[1]) + (double)k * 0x1.62e42fefa39efp-1;
  const double square = r * r;
  const double low = 0x1.5575b0be00b6ap-2 * r - 0x1.ffffef20a4123p-2;
  const double high = -0x1.00ea348b88334p-2 * square + low;
  return (float)(high * square + (start + r));
}

#endif
