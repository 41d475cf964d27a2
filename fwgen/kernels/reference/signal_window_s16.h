/* The product of frames of samples with a window: reference variant. */
#ifndef FW_SIGNAL_WINDOW_S16_H
#define FW_SIGNAL_WINDOW_S16_H

#include <stdint.h>

/* input and output (rows, size), window (size). output may be input. */
void fw_signal_window_s16(const int16_t* input, const int16_t* window, int16_t* output,
                          int32_t rows, int32_t size, int32_t shift);

#endif
