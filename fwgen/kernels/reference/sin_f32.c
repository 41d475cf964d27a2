/* out = sin(in). */
#include "sin_f32.h"

#include "float_circle.h"

void fw_sin_f32(const uint32_t* four_by_pi, const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = fw_float_sin(four_by_pi, input[i]);
}
