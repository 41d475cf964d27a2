/* Convolution, int8, NHWC, not grouped, for Armv7-M; any kernel, stride, dilation and padding. */
#ifndef FW_CONV_2D_S8_V7M_H
#define FW_CONV_2D_S8_V7M_H

#include "conv_2d_pixels.h"
#include "v7m_matrix.h"

/* input, output and windows as conv_2d_pixels.h has them; kernel: for 4 pixels; weights as
 * v7m_matrix.h has them, of channels (kernel_h, kernel_w, input_c). scratch: 4 bytes for each input
 * of a window, 4 channels + 1 bytes rounded up to 4, and the inputs of a window. */
void fw_conv_2d_s8_v7m(const fw_conv_2d_pixels_params* p, const int8_t* input,
                       const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                       int8_t* output);

#endif
