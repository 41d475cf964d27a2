/* Convolution of each channel by itself, NHWC, any stride and dilation: what all element types
 * have in common.
 */
#ifndef FW_DEPTHWISE_CONV_2D_H
#define FW_DEPTHWISE_CONV_2D_H

#include <stdint.h>

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c;
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
  int32_t depth_multiplier; /* output_c / input_c */
  int32_t dilation_h, dilation_w;
  int32_t input_zero_point, output_zero_point;
  int32_t activation_min, activation_max;
} fw_depthwise_conv_2d_params;

#endif
