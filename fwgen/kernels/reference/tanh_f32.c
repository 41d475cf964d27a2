/* out = tanh(in). */
#include "tanh_f32.h"

#include "float_tanh.h"

void fw_tanh_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = fw_float_tanh(input[i]);
}
