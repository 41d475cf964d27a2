/* out = exp(in). */
#include "exp_f32.h"

#include "float_exp.h"

void fw_exp_f32(const int64_t* powers, const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = fw_float_exp(powers, input[i]);
}
