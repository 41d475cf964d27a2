/* out[i] = clamp(zp + round(in[i] / scale)), as quantize_float.h says. */
#include "quantize_f32_s8.h"

void fw_quantize_f32_s8(const fw_quantize_params* p, const float* scale,
                        const float* restrict input, int8_t* restrict output) {
  for (int32_t i = 0; i < p->elements; i++) {
    output[i] = (int8_t)fw_quantized(input[i], *scale, p->zero_point, INT8_MIN, INT8_MAX);
  }
}
