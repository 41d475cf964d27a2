/* Frames of floats that overlap, added up to samples: reference variant. */
#ifndef FW_SIGNAL_OVERLAP_ADD_F32_H
#define FW_SIGNAL_OVERLAP_ADD_F32_H

#include <stdint.h>

/* input (rows, frames, size), state (rows, size), output (rows, frames * step). */
void fw_signal_overlap_add_f32(const float* input, float* state, float* output, int32_t rows,
                               int32_t frames, int32_t size, int32_t step);

#endif
