/* Transposed convolution, NHWC, float: reference variant. */
#ifndef FW_TRANSPOSE_CONV_F32_H
#define FW_TRANSPOSE_CONV_F32_H

#include <stdint.h>

#include "transpose_conv.h"

/* input (batches, input_h, input_w, input_c), weights (output_c, kernel_h, kernel_w, input_c), bias
 * (output_c) or null, bounds (2) of the output, output (batches, output_h, output_w,
 * output_c). */
void fw_transpose_conv_f32(const fw_transpose_conv_params* p, const float* input,
                           const float* restrict weights, const float* restrict bias,
                           const float* bounds, float* output);

#endif
