/* Convolution, int8, NHWC, not grouped, for MVE; any kernel, stride, dilation and padding. */
#ifndef FW_CONV_2D_S8_MVE_H
#define FW_CONV_2D_S8_MVE_H

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
  int32_t strip; /* most pixels in scratch at a time */
  int32_t down;  /* 1: strips go down columns of the output, 0: along its rows */
  fw_matrix_params matrix;
} fw_conv_2d_s8_mve_params;

/* input (batches, input_h, input_w, input_c); weights as mve_matrix.h has them, of channels
 * (kernel_h, kernel_w, input_c); pairs and rest: the kernels for most pixels and for single ones;
 * output (batches, output_h, output_w, output_c). Strips go down only if kernel_h or dilation_h
 * is 1. matrix.input_pitch is, with a line the input bytes under a row of the kernel: a line if
 * kernel_h is 1, stride_h lines in a strip that goes down, kernel_h lines in one along. scratch
 * holds the lines of a strip and 32 bytes. */
void fw_conv_2d_s8_mve(const fw_conv_2d_s8_mve_params* p, const int8_t* input,
                       const int32_t* weights, fw_matrix* pairs, fw_matrix* rest, uint8_t* scratch,
                       int8_t* output);

#endif
