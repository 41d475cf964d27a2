/* out += in, rounded; the first time to 0, so that no sum is a negative zero. */
#include "add_n_f32.h"

void fw_add_n_f32(const float* input, float* output, int32_t elements, int32_t first) {
  for (int32_t i = 0; i < elements; i++) output[i] = (first ? 0.0f : output[i]) + input[i];
}
