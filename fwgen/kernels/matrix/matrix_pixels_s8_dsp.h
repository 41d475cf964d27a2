/* Pixels that are contiguous in the input times a matrix, int8, for cores with the DSP extension.
 */
#ifndef FW_MATRIX_PIXELS_S8_DSP_H
#define FW_MATRIX_PIXELS_S8_DSP_H

#include "dsp_matrix.h"

/* input: count pixels of depth inputs, input_pitch apart; kernel: for 4 pixels of so many columns;
 * weights as dsp_matrix.h has them; output (count, channels). scratch: columns of 4 pixels, 32
 * bytes each, and 4 channels + 1 bytes. */
void fw_matrix_pixels_s8_dsp(const fw_matrix_pixels_params* p, const int8_t* input,
                             const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                             int8_t* output);

#endif
