/* out = 1 / (1 + exp(-in)), 1 of great numbers, exp(in) of small ones, as TFLM has it. */
#include "logistic_f32.h"

#include "float_exp.h"

static inline float fw_logistic(const int64_t* powers, float x) {
  if (x > 16.619047164916992188f) return 1.0f;
  if (x < -9.0f) return fw_float_exp(powers, x);
  return 1.0f / (1.0f + fw_float_exp(powers, -x));
}

void fw_logistic_f32(const int64_t* powers, const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = fw_logistic(powers, input[i]);
}
