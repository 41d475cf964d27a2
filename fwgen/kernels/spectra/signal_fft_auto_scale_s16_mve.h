/* Samples that are shifted to the left as far as they go: variant with M-profile vector
 * instructions. */
#ifndef FW_SIGNAL_FFT_AUTO_SCALE_S16_MVE_H
#define FW_SIGNAL_FFT_AUTO_SCALE_S16_MVE_H

#include <stdint.h>

/* input and output (count); bits (1) is how far. output may be input. */
void fw_signal_fft_auto_scale_s16_mve(const int16_t* input, int16_t* output, int32_t* bits,
                                      int32_t count);

#endif
