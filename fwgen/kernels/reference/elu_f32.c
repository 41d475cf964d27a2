/* out = in < 0 ? exp(in) - 1 : in; some 60 instructions for a negative number. The Python twin is
 * exp_less_1 in fwgen/ops/elu.py, which says where the arithmetic is from.
 */
#include "elu_f32.h"

#include "reals.h"

/* exp(x) - 1 of an x below 0. x = k * ln(2) + r - c with |r| at most ln(2) / 2; exp(r) - 1 is a
 * quotient of polynomials. */
static inline float fw_exp_less_1(float x) {
  const uint32_t magnitude = fw_bits_of(x) & 0x7FFFFFFFu;
  const float ln2_high = 6.9313812256e-01f, ln2_low = 9.0580006145e-06f;
  if (magnitude > 0x7F800000u) return x;      /* no number */
  if (magnitude >= 0x4195B844u) return -1.0f; /* below -27 ln(2) */
  if (magnitude < 0x33000000u) return x;      /* above -2^-25 */
  int32_t k = 0;
  float r = x, c = 0.0f;
  if (magnitude > 0x3EB17218u) { /* below -ln(2) / 2 */
    k = magnitude < 0x3F851592u ? -1 : (int32_t)(1.4426950216e+00f * x - 0.5f);
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
  const float power = fw_float_of((uint32_t)(127 + k) << 23);
  return (1.0f - (e - r)) * power - 1.0f;
}

void fw_elu_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) {
    output[i] = input[i] < 0.0f ? fw_exp_less_1(input[i]) : input[i];
  }
}
