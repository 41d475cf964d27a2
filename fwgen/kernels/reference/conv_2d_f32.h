/* Convolution, NHWC, grouped or not, any stride and dilation, float: reference variant. */
#ifndef FW_CONV_2D_F32_H
#define FW_CONV_2D_F32_H

#include <stdint.h>

#include "conv_2d.h"

/* input (batches, input_h, input_w, input_c), weights (output_c, kernel_h, kernel_w, kernel_c),
 * bias (output_c) or null, bounds (2) of the output, output (batches, output_h, output_w,
 * output_c). */
void fw_conv_2d_f32(const fw_conv_2d_params* p, const float* input, const float* restrict weights,
                    const float* restrict bias, const float* bounds, float* output);

#endif
