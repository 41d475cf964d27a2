/* Frames that overlap, added up to samples: reference variant. */
#ifndef FW_SIGNAL_OVERLAP_ADD_S16_H
#define FW_SIGNAL_OVERLAP_ADD_S16_H

#include <stdint.h>

/* input (rows, frames, size), state (rows, size), output (rows, frames * step). */
void fw_signal_overlap_add_s16(const int16_t* input, int16_t* state, int16_t* output, int32_t rows,
                               int32_t frames, int32_t size, int32_t step);

#endif
