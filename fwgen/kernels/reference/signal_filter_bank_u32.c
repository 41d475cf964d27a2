/* Each band adds to two channels: weighted to its own, with the other weights to the next. The
 * first band has no channel of its own. Sums wrap at 64 bits. 15 instructions per energy.
 */
#include "signal_filter_bank_u32.h"

void fw_signal_filter_bank_u32(const uint32_t* input, const int16_t* weights,
                               const int16_t* unweights, const int16_t* starts,
                               const int16_t* weight_starts, const int16_t* widths,
                               uint64_t* output, int32_t channels) {
  uint64_t carried = 0;
  for (int32_t band = 0; band <= channels; band++) {
    const uint32_t* in = input + starts[band];
    const int32_t at = weight_starts[band];
    uint64_t sum = carried;
    carried = 0;
    for (int32_t j = 0; j < widths[band]; j++) {
      sum += (uint64_t)(int64_t)weights[at + j] * in[j];
      carried += (uint64_t)(int64_t)unweights[at + j] * in[j];
    }
    if (band > 0) output[band - 1] = sum;
  }
}
