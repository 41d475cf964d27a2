/* A frame is added to the state, saturated; the first samples of that are done, and zeros follow
 * the rest. About 20 instructions per sample of a frame.
 */
#include "signal_overlap_add_s16.h"

#include "requantize.h"

void fw_signal_overlap_add_s16(const int16_t* input, int16_t* state, int16_t* output, int32_t rows,
                               int32_t frames, int32_t size, int32_t step) {
  for (int32_t r = 0; r < rows; r++, state += size) {
    for (int32_t f = 0; f < frames; f++, input += size) {
      for (int32_t i = 0; i < size; i++) {
        state[i] = (int16_t)fw_clamp(input[i] + state[i], INT16_MIN, INT16_MAX);
      }
      for (int32_t i = 0; i < step; i++) *output++ = state[i];
      for (int32_t i = 0; i < size; i++) state[i] = i + step < size ? state[i + step] : 0;
    }
  }
}
