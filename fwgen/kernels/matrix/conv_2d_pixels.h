/* What convolutions by products of 4 pixels are told: input (batches, input_h, input_w, input_c)
 * and output (batches, output_h, output_w, output_c), NHWC; windows, and their products. */
#ifndef FW_CONV_2D_PIXELS_H
#define FW_CONV_2D_PIXELS_H

#include "four_pixels.h"
#include "window_bytes.h"

typedef struct {
  fw_windows windows;
  fw_matrix_pixels_params matrix;
} fw_conv_2d_pixels_params;

#endif
