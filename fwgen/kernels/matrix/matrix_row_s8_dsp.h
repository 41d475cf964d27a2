/* FULLY_CONNECTED, and convolutions whose windows are contiguous, of few pixels, for the DSP
 * extension. */
#ifndef FW_MATRIX_ROW_S8_DSP_H
#define FW_MATRIX_ROW_S8_DSP_H

#include "dsp_single.h"

typedef struct {
  int32_t count;       /* rows */
  int32_t depth;       /* inputs of a row */
  int32_t channels;    /* outputs of a row */
  int32_t input_pitch; /* bytes from a row to the next */
  int32_t steps;       /* a quarter of the inputs, rounded up */
  int32_t scale_words; /* before the blocks, of a scale that all channels have: 3 or 0 */
  int32_t block_words; /* of a block of 8 channels */
} fw_matrix_row_dsp_params;

/* `scratch` has 8 bytes for each step, then 8. */
void fw_matrix_row_s8_dsp(const fw_matrix_row_dsp_params* p, const int8_t* input,
                          const int32_t* weights, fw_matrix_single* kernel, uint8_t* scratch,
                          int8_t* output);

#endif
