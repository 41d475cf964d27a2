/* Pixels that are contiguous in the input times a matrix, int8, for Armv7-M. */
#ifndef FW_MATRIX_PIXELS_S8_V7M_H
#define FW_MATRIX_PIXELS_S8_V7M_H

#include "v7m_matrix.h"

/* input: count pixels of depth inputs, input_pitch apart; kernel: for 4 pixels; weights as
 * v7m_matrix.h has them; output (count, channels). scratch: 4 bytes for each input of a pixel, and
 * 4 channels + 1 bytes. */
void fw_matrix_pixels_s8_v7m(const fw_matrix_pixels_params* p, const int8_t* input,
                             const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                             int8_t* output);

#endif
