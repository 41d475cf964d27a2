/* out[r,u] = clamp(zp_out + requantize(bias[u] + sum (in[r,d] - zp_in) * w[u,d])). One
 * multiplication per weight and row; sums are proven at build not to overflow. Of int8 about 6
 * instructions per multiplication, 80 per output.
 * Elements and products are those that products_begin.h names.
 */
#include "fully_connected.h"
#include "products.h"
#include "products_begin.h"

static inline void FW_TYPED(fully_connected_nest)(const fw_fully_connected_params* p,
                                                  const FW_ELEMENT* input,
                                                  const FW_WEIGHT* restrict weights,
                                                  const FW_SUM* restrict bias, FW_SCALING scaling,
                                                  FW_ELEMENT* output) {
  const int32_t zero_point = p->input_zero_point;
  const int32_t depth = p->depth;

  for (int32_t r = 0; r < p->rows; r++) {
    const FW_ELEMENT* in = input + r * depth;
    for (int32_t u = 0; u < p->units; u++) {
      const FW_WEIGHT* w = weights + u * depth;
      const int32_t channel = p->per_channel ? u : 0;
      FW_SUM sum = 0;
      for (int32_t d = 0; d < depth; d++) sum += FW_PRODUCT(in[d], zero_point, w[d]);
      *output++ = FW_OUTPUT_OF(FW_WITH_BIAS(sum, bias ? bias[u] : 0), scaling, channel,
                               p->output_zero_point, p->activation_min, p->activation_max);
    }
  }
}

#include "products_end.h"
