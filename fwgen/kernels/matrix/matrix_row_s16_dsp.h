/* A few rows of int16 times a matrix of int8, for cores with the DSP extension. */
#ifndef FW_MATRIX_ROW_S16_DSP_H
#define FW_MATRIX_ROW_S16_DSP_H

#include "dsp_single_s16.h"

typedef struct {
  int32_t count;       /* rows */
  int32_t channels;    /* outputs of a row */
  int32_t input_pitch; /* inputs from a row to the next */
  int32_t words;       /* of 2 inputs of a row, rounded up */
  int32_t block_words; /* of a block of 8 channels */
} fw_matrix_row_s16_dsp_params;

/* input: count rows, of which 2 bytes after the last may be read; weights as dsp_single_s16.h has
 * them; output (count, channels). scratch: 8 outputs. */
void fw_matrix_row_s16_dsp(const fw_matrix_row_s16_dsp_params* p, const int16_t* input,
                           const int32_t* weights, fw_matrix_single_s16* kernel, uint8_t* scratch,
                           int16_t* output);

#endif
