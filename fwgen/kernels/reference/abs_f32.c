/* out = |in|, of a zero and a NaN, too. */
#include "abs_f32.h"

#include "reals.h"

void fw_abs_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = fw_magnitude(input[i]);
}
