/* out = clamp(requantize(2^20 / sqrt(x))), 32767 for an x that is not positive. Some 120
 * instructions per element, most of them for the root.
 */
#include "rsqrt_s16.h"

#include "inverse_sqrt.h"

void fw_rsqrt_s16(const fw_rsqrt_s16_params* p, const int16_t* input, int16_t* output) {
  for (int32_t i = 0; i < p->elements; i++) {
    int32_t scaled = INT16_MAX, shift;
    if (input[i] > 0) {
      const int32_t root = fw_inverse_sqrt(input[i], &shift);
      scaled = fw_requantize(fw_requantize(1, root, shift + 20), p->multiplier, p->shift);
    }
    output[i] = (int16_t)fw_clamp(scaled, INT16_MIN, INT16_MAX);
  }
}
