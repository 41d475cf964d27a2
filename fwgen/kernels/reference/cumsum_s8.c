/* out = clamp(zp_out + requantize(sum so far - zp)): an addition and a requantization per element.
 */
#include "cumsum_s8.h"

#include "halved_sums.h"

void fw_cumsum_s8(const fw_cumsum_s8_params* p, const int8_t* input, int8_t* output) {
  for (int32_t row = 0; row < p->outer * p->inner; row++) {
    const int32_t first = row / p->inner * p->inner * p->depth + row % p->inner;
    int32_t sum = -p->input_zero_point;
    for (int32_t i = 0; i < p->depth; i++) {
      const int32_t at = first + (p->reverse ? p->depth - 1 - i : i) * p->inner;
      const int32_t before = sum;
      sum += input[at] - p->input_zero_point;
      output[at] =
          fw_halved_sum(p->exclusive ? before : sum, p->multiplier, p->shift, p->output_zero_point);
    }
  }
}
