/* out[r,u] = clamp(zp_out + requantize(bias[u] + sum (in[r,d] - zp_in) * (w[u,d] - zp_w))): about 7
 * instructions per multiplication. Sums wrap where a bias that is no constant makes them.
 */
#include "fully_connected_offset_s8.h"

#include "requantize.h"

void fw_fully_connected_offset_s8(const fw_fully_connected_offset_params* p, const int8_t* input,
                                  const int8_t* restrict weights, const int32_t* restrict bias,
                                  int8_t* output) {
  for (int32_t r = 0; r < p->rows; r++) {
    const int8_t* in = input + r * p->depth;
    for (int32_t u = 0; u < p->units; u++) {
      const int8_t* w = weights + u * p->depth;
      int32_t sum = 0;
      for (int32_t d = 0; d < p->depth; d++) {
        sum += (in[d] - p->input_zero_point) * (w[d] - p->weights_zero_point);
      }
      const uint32_t whole = (uint32_t)sum + (uint32_t)(bias ? bias[u] : 0);
      const int32_t raw = fw_requantize((int32_t)whole, p->multiplier, p->shift);
      *output++ =
          fw_add_zero_point(raw, p->output_zero_point, p->activation_min, p->activation_max);
    }
  }
}
