/* out[i] = scale * (in[i] - zp), rounded once: what is rounded from double in the reference is
 * exact there, 9 bits times 24.
 */
#include "dequantize_u8_f32.h"

void fw_dequantize_u8_f32(const fw_dequantize_params* p, const float* scale,
                          const uint8_t* restrict input, float* restrict output) {
  for (int32_t i = 0; i < p->elements; i++) output[i] = *scale * (float)(input[i] - p->zero_point);
}
