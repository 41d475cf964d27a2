/* out = in > 0 ? in : in * slope. */
#include "leaky_relu_f32.h"

void fw_leaky_relu_f32(const float* slope, const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++)
    output[i] = input[i] > 0.0f ? input[i] : input[i] * slope[0];
}
