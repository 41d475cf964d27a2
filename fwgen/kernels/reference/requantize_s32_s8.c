/* out[i] = clamp(zp_out + requantize(in[i] - zp_in)): a requantization per element. */
#include "requantize_s32_s8.h"

void fw_requantize_s32_s8(const fw_requantize_params* p, const int32_t* input, int8_t* output) {
  for (int32_t i = 0; i < p->elements; i++) output[i] = (int8_t)fw_requantized(p, input[i]);
}
