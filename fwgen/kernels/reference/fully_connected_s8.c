/* out[r,u] = clamp(zp_out + requantize(bias[u] + sum (in[r,d] - zp_in) * w[u,d])). One
 * multiplication per weight and row; 32-bit sums, proven at build not to overflow. About 6
 * instructions per multiplication, 80 per output.
 */
#include "fully_connected_s8.h"

#include "requantize.h"

void fw_fully_connected_s8(const fw_fully_connected_s8_params* p, const int8_t* input,
                           const int8_t* restrict weights, const int32_t* restrict bias,
                           const int32_t* restrict multiplier, const int32_t* restrict shift,
                           int8_t* output) {
  const int32_t zero_point = p->input_zero_point;
  const int32_t depth = p->depth;

  for (int32_t r = 0; r < p->rows; r++) {
    const int8_t* in = input + r * depth;
    for (int32_t u = 0; u < p->units; u++) {
      const int8_t* w = weights + u * depth;
      const int32_t channel = p->per_channel ? u : 0;
      int32_t sum = bias ? bias[u] : 0;
      for (int32_t d = 0; d < depth; d++) sum += (in[d] - zero_point) * w[d];
      *output++ = fw_add_zero_point(fw_requantize(sum, multiplier[channel], shift[channel]),
                                    p->output_zero_point, p->activation_min, p->activation_max);
    }
  }
}
