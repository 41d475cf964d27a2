/* Samples shifted to the left as far as they go: reference variant. */
#ifndef FW_SIGNAL_FFT_AUTO_SCALE_S16_H
#define FW_SIGNAL_FFT_AUTO_SCALE_S16_H

#include <stdint.h>

/* input and output (count); bits gets by how much. output may be input. */
void fw_signal_fft_auto_scale_s16(const int16_t* input, int16_t* output, int32_t* bits,
                                  int32_t count);

#endif
