/* Transposed convolution, NHWC, int16: reference variant. */
#ifndef FW_TRANSPOSE_CONV_S16_H
#define FW_TRANSPOSE_CONV_S16_H

#include <stdint.h>

#include "transpose_conv.h"

/* input (batches, input_h, input_w, input_c), weights (output_c, kernel_h, kernel_w, input_c), bias
 * (output_c) or null, multiplier and shift (output_c), output (batches, output_h, output_w,
 * output_c). */
void fw_transpose_conv_s16(const fw_transpose_conv_params* p, const int16_t* input,
                           const int8_t* restrict weights, const int64_t* restrict bias,
                           const int32_t* restrict multiplier, const int32_t* restrict shift,
                           int16_t* output);

#endif
