/* out[i] = clamp(zp + round(in[i] / scale)), the quotient in float32, halves rounded away from
 * zero. What does not fit, infinities included, saturates, and a NaN is quantized like 0: there the
 * reference depends on the machine.
 */
#include "quantize_f32_s8.h"

void fw_quantize_f32_s8(const fw_quantize_f32_s8_params* p, const float* scale,
                        const float* restrict input, int8_t* restrict output) {
  const float low = (float)(INT8_MIN - p->zero_point);
  const float high = (float)(INT8_MAX - p->zero_point);

  for (int32_t i = 0; i < p->elements; i++) {
    const float real = input[i] / *scale;
    const float value = real < low ? low : real > high ? high : real == real ? real : 0.0f;
    const int32_t whole = (int32_t)value;    /* truncates toward zero */
    const float rest = value - (float)whole; /* exact */
    const int32_t rounded = whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
    output[i] = (int8_t)(rounded + p->zero_point);
  }
}
