/* out[r,u] = clamp(zp_out + requantize(bias[u] + sum (in[r,d] - zp_in) * w[u,d])). One
 * multiplication per weight and row; sums are proven at build not to overflow. Of int8 about 6
 * instructions per multiplication, 80 per output.
 * Elements and products are those of products.h.
 */
#ifndef FW_FULLY_CONNECTED_NEST_H
#define FW_FULLY_CONNECTED_NEST_H

#include "fully_connected.h"
#include "products.h"

static inline void fully_connected_nest(const fw_fully_connected_params* p, const fw_element* input,
                                        const fw_weight* restrict weights,
                                        const fw_sum* restrict bias, fw_scaling scaling,
                                        fw_element* output) {
  const int32_t zero_point = p->input_zero_point;
  const int32_t depth = p->depth;

  for (int32_t r = 0; r < p->rows; r++) {
    const fw_element* in = input + r * depth;
    for (int32_t u = 0; u < p->units; u++) {
      const fw_weight* w = weights + u * depth;
      const int32_t channel = p->per_channel ? u : 0;
      fw_sum sum = 0;
      for (int32_t d = 0; d < depth; d++) sum += fw_product(in[d], zero_point, w[d]);
      *output++ = fw_output_of(fw_with_bias(sum, bias ? bias[u] : 0), scaling, channel,
                               p->output_zero_point, p->activation_min, p->activation_max);
    }
  }
}

#endif
