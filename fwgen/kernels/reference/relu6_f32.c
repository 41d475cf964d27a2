/* out = in, or the bound of 0 and 6 that it is beyond. */
#include "relu6_f32.h"

void fw_relu6_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++)
    output[i] = input[i] > 6.0f ? 6.0f : input[i] < 0.0f ? 0.0f : input[i];
}
