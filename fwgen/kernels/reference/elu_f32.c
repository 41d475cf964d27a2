/* out = in < 0 ? exp(in) - 1 : in; some 60 instructions for a negative number. */
#include "elu_f32.h"

#include "float_exp_less_1.h"

void fw_elu_f32(const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) {
    output[i] = input[i] < 0.0f ? fw_exp_less_1(input[i]) : input[i];
  }
}
