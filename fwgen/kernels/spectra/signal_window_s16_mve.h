/* The product of frames of samples with a window: variant with M-profile vector instructions. */
#ifndef FW_SIGNAL_WINDOW_S16_MVE_H
#define FW_SIGNAL_WINDOW_S16_MVE_H

#include <stdint.h>

/* input and output (rows, size), window (size). output may be input. */
void fw_signal_window_s16_mve(const int16_t* input, const int16_t* window, int16_t* output,
                              int32_t rows, int32_t size, int32_t shift);

#endif
