/* tanh(x) as the C library has it that TFLM was compared with, in float: some 80 instructions.
 * Source: Sun's s_tanhf.c, 1993, as in glibc up to 2.40.
 */
#ifndef FW_FLOAT_TANH_H
#define FW_FLOAT_TANH_H

#include "float_exp_less_1.h"

static inline float fw_float_tanh(float x) {
  const float magnitude = fw_magnitude(x);
  if (!(magnitude >= 0x1p-55f)) return x; /* or no number */
  if (magnitude >= 22.0f) return fw_with_sign(1.0f, x);
  const float t = fw_exp_less_1(magnitude >= 1.0f ? 2.0f * magnitude : -2.0f * magnitude);
  return fw_with_sign(magnitude >= 1.0f ? 1.0f - 2.0f / (t + 2.0f) : -t / (t + 2.0f), x);
}

#endif
