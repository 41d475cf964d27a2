/* out = sqrt(in), rounded once: 24 steps of a bit each. */
#include "sqrt_f32.h"

#include "reals.h"

void fw_sqrt_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = fw_square_root(input[i]);
}
