/* out = clamp(zp_out + requantize(start + sum)); one requantization per element. */
#include "add_n_s8.h"

#include "halved_sums.h"

void fw_add_n_s8(const fw_add_n_s8_params* p, const int16_t* sums, int8_t* output) {
  for (int32_t i = 0; i < p->elements; i++) {
    output[i] = fw_halved_sum(p->start + sums[i], p->multiplier, p->shift, p->output_zero_point);
  }
}
