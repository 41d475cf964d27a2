/* out = saturate(floor(in * window / 2^shift)): 8 instructions per sample. */
#include "signal_window_s16.h"

#include "requantize.h"

void fw_signal_window_s16(const int16_t* input, const int16_t* window, int16_t* output,
                          int32_t rows, int32_t size, int32_t shift) {
  for (int32_t r = 0; r < rows; r++) {
    for (int32_t i = 0; i < size; i++) {
      *output++ = (int16_t)fw_clamp((*input++ * window[i]) >> shift, INT16_MIN, INT16_MAX);
    }
  }
}
