/* out = the least whole number that is not below in. */
#include "ceil_f32.h"

#include "reals.h"

void fw_ceil_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = -fw_floor(-input[i]);
}
