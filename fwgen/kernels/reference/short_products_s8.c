/* out[r,u] = saturate(requantize(bias[u] + sum (in[r,d] - zp_in) * w[u,d])), added to what was
 * there and saturated again where the parameters say so. Sums of the bias' type, proven at build
 * not to overflow. About 6 instructions per multiplication.
 */
#include "short_products_s8.h"

#include "requantize.h"

void fw_short_products_s8(const fw_short_products_params* p, const int8_t* input,
                          const int8_t* weights, const int32_t* bias, int16_t* output) {
  for (int32_t r = 0; r < p->rows; r++) {
    const int8_t* in = input + r * p->row_pitch;
    const int8_t* w = weights;
    for (int32_t u = 0; u < p->units; u++) {
      int32_t sum = bias ? bias[u] : 0;
      for (int32_t d = 0; d < p->depth; d++) sum += (in[d] - p->input_zero_point) * *w++;
      const int32_t before = p->add ? *output : 0;
      *output++ =
          fw_saturate_s16(before + fw_saturate_s16(fw_requantize(sum, p->multiplier, p->shift)));
    }
  }
}
