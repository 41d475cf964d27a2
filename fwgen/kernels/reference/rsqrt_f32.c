/* out = 1 / sqrt(in), rounded twice. */
#include "rsqrt_f32.h"

#include "reals.h"

void fw_rsqrt_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = 1.0f / fw_square_root(input[i]);
}
