/* Convolution of each channel by itself, NHWC, any stride and dilation, int8: reference variant. */
#ifndef FW_DEPTHWISE_CONV_2D_S8_H
#define FW_DEPTHWISE_CONV_2D_S8_H

#include <stdint.h>

#include "depthwise_conv_2d.h"

/* input (batches, input_h, input_w, input_c), weights (kernel_h, kernel_w, output_c), bias
 * (output_c) or null, multiplier and shift (output_c), output (batches, output_h, output_w,
 * output_c). Output channel o belongs to input channel o / depth_multiplier. */
void fw_depthwise_conv_2d_s8(const fw_depthwise_conv_2d_params* p, const int8_t* input,
                             const int8_t* restrict weights, const int32_t* restrict bias,
                             const int32_t* restrict multiplier, const int32_t* restrict shift,
                             int8_t* output);

#endif
