/* Rows of widened inputs that the windows of neighbours share: of 4 inputs X, then Y, 8 bytes, as
 * dsp_matrix.h has them. The window of a pixel begins stride_w * input_c * 2 bytes after that of
 * the pixel before it. Steps of a kernel row are a multiple of 6, as of 3 taps of 8 channels.
 */
#ifndef FW_DSP_ROWS_H
#define FW_DSP_ROWS_H

#include "dsp_matrix.h"
#include "row_ring.h"

#endif
