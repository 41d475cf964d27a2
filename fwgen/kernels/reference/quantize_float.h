/* What the kernels that quantize float32 share. */
#ifndef FW_QUANTIZE_FLOAT_H
#define FW_QUANTIZE_FLOAT_H

#include <stdint.h>

typedef struct {
  int32_t elements;
  int32_t zero_point;
} fw_quantize_params;

/* clamp(zp + round(input / scale), least, most), the quotient in float32, halves rounded away from
 * zero. What does not fit, infinities included, saturates, and a NaN is quantized like 0: there the
 * reference depends on the machine. */
static inline int32_t fw_quantized(float input, float scale, int32_t zero_point, int32_t least,
                                   int32_t most) {
  const float low = (float)(least - zero_point);
  const float high = (float)(most - zero_point);
  const float real = input / scale;
  const float value = real < low ? low : real > high ? high : real == real ? real : 0.0f;
  const int32_t whole = (int32_t)value;    /* truncates toward zero */
  const float rest = value - (float)whole; /* exact */
  return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0) + zero_point;
}

#endif
