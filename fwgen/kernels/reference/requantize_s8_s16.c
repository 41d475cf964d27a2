/* out[i] = clamp(zp_out + requantize(in[i] - zp_in)): a requantization per element. */
#include "requantize_s8_s16.h"

void fw_requantize_s8_s16(const fw_requantize_params* p, const int8_t* input, int16_t* output) {
  for (int32_t i = 0; i < p->elements; i++) output[i] = (int16_t)fw_requantized(p, input[i]);
}
