/* A feature is saturated, joins the state, whose oldest value leaves, and then
 * out = clamp(zp_out + requantize(bias + sum of rank * memory products of state and weights)).
 * Sums wrap at 32 bits, and so does a feature where the state's zero point is added to it, as in
 * TFLM. About 7 instructions per value of the state.
 */
#include "svdf_s8.h"

#include "requantize.h"

void fw_svdf_s8(const fw_svdf_params* p, const int16_t* features, const int8_t* weights,
                const int32_t* bias, int8_t* state, int8_t* output) {
  for (int32_t b = 0; b < p->batches; b++) {
    const int8_t* w = weights;
    for (int32_t u = 0; u < p->units; u++) {
      uint32_t sum = (uint32_t)bias[u];
      for (int32_t r = 0; r < p->rank; r++) {
        for (int32_t m = 1; m < p->memory; m++) state[m - 1] = state[m];
        const int32_t feature = fw_clamp(*features++, INT8_MIN, INT8_MAX);
        state[p->memory - 1] = (int8_t)(feature + p->state_zero_point);
        for (int32_t m = 0; m < p->memory; m++) {
          sum += (uint32_t)(*w++ * (state[m] - p->state_zero_point));
        }
        state += p->memory;
      }
      const int32_t scaled = fw_requantize((int32_t)sum, p->multiplier, p->shift);
      const int32_t shown = (int32_t)((uint32_t)scaled + (uint32_t)p->output_zero_point);
      *output++ = (int8_t)fw_clamp(shown, INT8_MIN, INT8_MAX);
    }
  }
}
