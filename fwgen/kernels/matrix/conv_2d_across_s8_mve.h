/* Convolution, int8, NHWC, not grouped, for MVE; strips along rows share the columns of windows. */
#ifndef FW_CONV_2D_ACROSS_S8_MVE_H
#define FW_CONV_2D_ACROSS_S8_MVE_H

#include <stdint.h>

#include "mve_matrix.h"

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c;
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
  int32_t dilation_h, dilation_w;
  int32_t input_zero_point;
  int32_t rows;  /* of the output in scratch at a time, full ones; 1, unless kernel_w is 1 */
  int32_t strip; /* most columns of them */
  fw_matrix_params matrix;
} fw_conv_2d_across_s8_mve_params;

/* As fw_conv_2d_s8_mve, but for weights of channels (kernel_w, kernel_h, input_c). A line is what
 * lies under a column of the kernel, kernel_h pixels; kernel_w or dilation_w is 1.
 * matrix.input_pitch is a line if kernel_w is 1, else stride_w lines. scratch holds the lines of a
 * strip and 32 bytes. */
void fw_conv_2d_across_s8_mve(const fw_conv_2d_across_s8_mve_params* p, const int8_t* input,
                              const int32_t* weights, fw_matrix* pairs, fw_matrix* rest,
                              uint8_t* scratch, int8_t* output);

#endif
