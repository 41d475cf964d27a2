/* Rows of widened inputs that the windows of neighbours share: of 4 inputs X, then Y, 8 bytes, as
 * dsp_matrix.h has them. The window of a pixel begins stride_w * input_c * 2 bytes after that of
 * the pixel before it. Steps of a kernel row are a multiple of 6, as of 3 taps of 8 channels.
 */
#ifndef FW_DSP_ROWS_H
#define FW_DSP_ROWS_H

#include "dsp_matrix.h"

/* What a kernel for 4 pixels takes, in the order in which it loads it. */
typedef struct {
  const uint32_t* const* rows; /* where the first pixel begins in each row of the window */
  const uint32_t* const* end;
  int32_t row_bytes; /* widened inputs of a pixel in a row */
  int8_t* output;    /* of the last pair of channels of the first pixel */
  int32_t pitch;     /* bytes from a pixel's outputs to those of the next */
  int32_t pairs;
  const int32_t* weights;
} fw_matrix_rows_block;

typedef void fw_matrix_rows(const fw_matrix_rows_block* block);

#endif
