/* out = the nearest whole number to in, the even one of two. */
#include "round_f32.h"

#include "reals.h"

void fw_round_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = fw_nearest(input[i]);
}
