/* The float exponential that TFLM is compared with, in double precision, without a library: some 60
 * instructions with an FPU for doubles, 800 without. The Python twin, which has the table and says
 * where the arithmetic is from, is fwgen/model/float_exp.py.
 */
#ifndef FW_FLOAT_EXP_H
#define FW_FLOAT_EXP_H

#include <stdint.h>

#include "reals.h"

/* exp(x); powers: the bits of 2^(i/32), less i * 2^47. */
static inline float fw_float_exp(const int64_t* powers, float x) {
  if (!(x <= 88.72283172607421875f)) return x > 0.0f ? fw_float_of(0x7F800000u) : x; /* or a NaN */
  if (x < -104.0f) return 0.0f;
  const double scaled = 1.4426950408889634 * 32.0 * (double)x;
  const double shifted = scaled + 6755399441055744.0; /* 1.5 * 2^52 rounds to whole numbers */
  const double r = scaled - (shifted - 6755399441055744.0);
  union {
    double real;
    int64_t bits;
  } n = {shifted}, power;
  power.bits = (int64_t)((uint64_t)powers[n.bits & 31] + ((uint64_t)n.bits << 47));
  const double high = 0.05550361559341535 / 32768.0 * r + 0.2402284522445722 / 1024.0;
  const double low = 0.6931471806916203 / 32.0 * r + 1.0;
  return (float)((high * (r * r) + low) * power.real);
}

#endif
