/* Pixels of int16 that are contiguous in the input times a matrix of int8, for cores with the DSP
 * extension. */
#ifndef FW_MATRIX_PIXELS_S16_DSP_H
#define FW_MATRIX_PIXELS_S16_DSP_H

#include "dsp_matrix_s16.h"

/* input: count pixels of depth inputs, input_pitch apart; kernel: for 4 pixels; weights as
 * dsp_matrix_s16.h has them; output (count, channels). scratch: columns of 4 pixels, 16 bytes for
 * each 2 inputs, and 4 channels + 1 outputs. */
void fw_matrix_pixels_s16_dsp(const fw_matrix_pixels_s16_params* p, const int16_t* input,
                              const int32_t* weights, fw_matrix_columns_s16* kernel,
                              uint8_t* scratch, int16_t* output);

#endif
