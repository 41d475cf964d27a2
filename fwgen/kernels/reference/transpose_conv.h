/* Transposed convolution, NHWC: what all element types have in common. */
#ifndef FW_TRANSPOSE_CONV_H
#define FW_TRANSPOSE_CONV_H

#include <stdint.h>

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c;
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left; /* rows and columns before the first output */
  int32_t input_zero_point, output_zero_point;
  int32_t activation_min, activation_max;
} fw_transpose_conv_params;

#endif
