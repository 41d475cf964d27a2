/* out = the sum so far, rounded after each addition. */
#include "cumsum_f32.h"

void fw_cumsum_f32(const fw_cumsum_f32_params* p, const float* input, float* output) {
  for (int32_t row = 0; row < p->outer * p->inner; row++) {
    const int32_t first = row / p->inner * p->inner * p->depth + row % p->inner;
    float sum = 0.0f;
    for (int32_t i = 0; i < p->depth; i++) {
      const int32_t at = first + (p->reverse ? p->depth - 1 - i : i) * p->inner;
      const float before = sum;
      sum += input[at];
      output[at] = p->exclusive ? before : sum;
    }
  }
}
