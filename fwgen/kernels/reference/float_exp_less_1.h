/* exp(x) - 1 as the C library has it that TFLM was compared with, in float: some 60 instructions.
 * The Python twin, which says where the arithmetic is from, is fwgen/model/float_exp_less_1.py.
 */
#ifndef FW_FLOAT_EXP_LESS_1_H
#define FW_FLOAT_EXP_LESS_1_H

#include <stdint.h>

#include "reals.h"

/* Of an x below 44. x = k * ln(2) + r - c with |r| at most ln(2) / 2; exp(r) - 1 is a quotient of
 * polynomials. */
static inline float fw_exp_less_1(float x) {
  const uint32_t magnitude = fw_bits_of(x) & 0x7FFFFFFFu;
  const float ln2_high = 6.9313812256e-01f, ln2_low = 9.0580006145e-06f;
  if (magnitude > 0x7F800000u) return x;                  /* no number */
  if (magnitude >= 0x4195B844u && x < 0.0f) return -1.0f; /* below -27 ln(2) */
  if (magnitude < 0x33000000u) return x;                  /* within 2^-25 */
  int32_t k = 0;
  float r = x, c = 0.0f;
  if (magnitude > 0x3EB17218u) { /* beyond ln(2) / 2 */
    const float half = x < 0.0f ? -0.5f : 0.5f;
    k = (int32_t)(magnitude < 0x3F851592u ? half + half : 1.4426950216e+00f * x + half);
    const float high = x - (float)k * ln2_high, low = (float)k * ln2_low;
    r = high - low;
    c = (high - r) - low;
  }
  const float half = 0.5f * r, square = r * half;
  const float inner = 4.0082177293e-06f + square * -2.0109921195e-07f;
  const float outer = 1.5873016091e-03f + square * (-7.9365076090e-05f + square * inner);
  const float r1 = 1.0f + square * (-3.3333335072e-02f + square * outer);
  const float t = 3.0f - r1 * half;
  float e = square * ((r1 - t) / (6.0f - r * t));
  if (k == 0) return r - (r * e - square);
  e = (r * (e - c) - c) - square;
  if (k == -1) return 0.5f * (r - e) - 0.5f;
  if (k == 1) return r < -0.25f ? -2.0f * (e - (r + 0.5f)) : 1.0f + 2.0f * (r - e);
  const float power = fw_float_of((uint32_t)(127 + k) << 23);
  if (k <= -2 || k > 56) return (1.0f - (e - r)) * power - 1.0f;
  const float part = fw_float_of((uint32_t)(127 - k) << 23); /* 2^-k */
  return (k < 23 ? (1.0f - part) - (e - r) : (r - (e + part)) + 1.0f) * power;
}

#endif
