/* Convolution of each channel by itself, int8, NHWC, any stride and dilation: reference variant. */
#ifndef FW_DEPTHWISE_CONV_2D_S8_H
#define FW_DEPTHWISE_CONV_2D_S8_H

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
} fw_depthwise_conv_2d_s8_params;

/* input (batches, input_h, input_w, input_c), weights (kernel_h, kernel_w, output_c), bias
 * (output_c) or null, multiplier and shift (output_c), output (batches, output_h, output_w,
 * output_c). Output channel o belongs to input channel o / depth_multiplier. */
void fw_depthwise_conv_2d_s8(const fw_depthwise_conv_2d_s8_params* p, const int8_t* input,
                             const int8_t* restrict weights, const int32_t* restrict bias,
                             const int32_t* restrict multiplier, const int32_t* restrict shift,
                             int8_t* output);

#endif
