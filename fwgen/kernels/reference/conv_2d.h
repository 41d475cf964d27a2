/* Convolution, NHWC, grouped or not, any stride and dilation: what all element types have in
 * common.
 */
#ifndef FW_CONV_2D_H
#define FW_CONV_2D_H

#include <stdint.h>

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c;
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
  int32_t kernel_c; /* input_c / groups */
  int32_t dilation_h, dilation_w;
  int32_t input_zero_point, output_zero_point;
  int32_t activation_min, activation_max;
} fw_conv_2d_params;

#endif
