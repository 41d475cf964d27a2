/* Convolution, NHWC, grouped or not, any stride and dilation, int16 with sums of 64 bits:
 * reference variant.
 */
#ifndef FW_CONV_2D_S16_H
#define FW_CONV_2D_S16_H

#include <stdint.h>

#include "conv_2d.h"

/* input (batches, input_h, input_w, input_c), weights (output_c, kernel_h, kernel_w, kernel_c),
 * bias (output_c) or null, multiplier and shift (output_c), output (batches, output_h, output_w,
 * output_c). */
void fw_conv_2d_s16(const fw_conv_2d_params* p, const int16_t* input,
                    const int8_t* restrict weights, const int64_t* restrict bias,
                    const int32_t* restrict multiplier, const int32_t* restrict shift,
                    int16_t* output);

#endif
