/* out = in, or 0 where in is below. */
#include "relu_f32.h"

void fw_relu_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = input[i] < 0.0f ? 0.0f : input[i];
}
