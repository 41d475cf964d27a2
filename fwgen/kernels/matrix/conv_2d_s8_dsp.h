/* Convolution, int8, NHWC, not grouped, for cores with the DSP extension; any kernel, stride,
 * dilation and padding. */
#ifndef FW_CONV_2D_S8_DSP_H
#define FW_CONV_2D_S8_DSP_H

#include "conv_2d_pixels.h"
#include "dsp_matrix.h"

/* input, output and windows as conv_2d_pixels.h has them; kernel: for 4 pixels of so many columns;
 * weights as dsp_matrix.h has them, of channels (kernel_h, kernel_w, input_c). scratch: columns of
 * 4 pixels, 32 bytes each, and 4 channels + 1 bytes rounded up to 4. */
void fw_conv_2d_s8_dsp(const fw_conv_2d_pixels_params* p, const int8_t* input,
                       const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                       int8_t* output);

#endif
