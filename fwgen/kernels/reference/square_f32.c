/* out = in * in, rounded once. */
#include "square_f32.h"

void fw_square_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = input[i] * input[i];
}
