/* Samples of earlier frames: reference variant. */
#ifndef FW_SIGNAL_DELAY_S16_H
#define FW_SIGNAL_DELAY_S16_H

#include <stdint.h>

/* input and output (rows, size), state (rows, delay): the last samples before, oldest first. */
void fw_signal_delay_s16(const int16_t* input, int16_t* state, int16_t* output, int32_t rows,
                         int32_t size, int32_t delay);

#endif
