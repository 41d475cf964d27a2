/* out = in * clamp(in + 3, 0, 6) / 6, each step rounded. */
#include "hard_swish_f32.h"

static inline float fw_hard_swish(float x) {
  const float raised = 0.0f < x + 3.0f ? x + 3.0f : 0.0f;
  return x * (raised < 6.0f ? raised : 6.0f) / 6.0f;
}

void fw_hard_swish_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = fw_hard_swish(input[i]);
}
