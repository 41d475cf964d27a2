/* out = the greatest whole number that is not above in. */
#include "floor_f32.h"

#include "reals.h"

void fw_floor_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = fw_floor(input[i]);
}
