/* Convolution of each channel by itself, NHWC, any stride and dilation, float: reference variant.
 */
#ifndef FW_DEPTHWISE_CONV_2D_F32_H
#define FW_DEPTHWISE_CONV_2D_F32_H

#include <stdint.h>

#include "depthwise_conv_2d.h"

/* input (batches, input_h, input_w, input_c), weights (kernel_h, kernel_w, output_c), bias
 * (output_c) or null, bounds (2) of the output, output (batches, output_h, output_w,
 * output_c). Output channel o belongs to input channel o / depth_multiplier. */
void fw_depthwise_conv_2d_f32(const fw_depthwise_conv_2d_params* p, const float* input,
                              const float* restrict weights, const float* restrict bias,
                              const float* bounds, float* output);

#endif
