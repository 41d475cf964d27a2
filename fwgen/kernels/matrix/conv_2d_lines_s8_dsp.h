/* Convolution, int8, NHWC, of one image, not grouped or dilated, for cores with the DSP extension:
 * for inputs of few channels, whose windows are widened from rows of bytes. */
#ifndef FW_CONV_2D_LINES_S8_DSP_H
#define FW_CONV_2D_LINES_S8_DSP_H

#include "dsp_matrix.h"

#define FW_MOST_KERNEL_LINES 16

typedef struct {
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c;
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
  int32_t input_zero_point;
  int32_t row_bytes; /* of a row in scratch */
  fw_matrix_pixels_params matrix;
} fw_conv_2d_lines_s8_dsp_params;

/* input (input_h, input_w, input_c), output (output_h, output_w, output_c); kernel: for 4 pixels of
 * so many columns; weights as dsp_matrix.h has them, of channels (kernel_h, kernel_w, input_c),
 * kernel_h up to FW_MOST_KERNEL_LINES, but in the order of columns: whole words of each row of the
 * kernel, then what is left of each. scratch: columns of 4 pixels, 32 bytes each, 4 channels + 1
 * bytes rounded up to 4, and kernel_h rows of row_bytes, for the windows of a row of outputs,
 * rounded up to 4 of them. */
void fw_conv_2d_lines_s8_dsp(const fw_conv_2d_lines_s8_dsp_params* p, const int8_t* input,
                             const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                             int8_t* output);

#endif
