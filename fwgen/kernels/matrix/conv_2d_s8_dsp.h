/* Convolution, int8, NHWC, not grouped, for cores with the DSP extension; any kernel, stride,
 * dilation and padding. */
#ifndef FW_CONV_2D_S8_DSP_H
#define FW_CONV_2D_S8_DSP_H

#include "dsp_matrix.h"

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c;
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
  int32_t dilation_h, dilation_w;
  int32_t input_zero_point;
  fw_matrix_dsp_params matrix;
} fw_conv_2d_s8_dsp_params;

/* input (batches, input_h, input_w, input_c); kernel: for 4 pixels of matrix.steps; weights as
 * dsp_matrix.h has them, of channels (kernel_h, kernel_w, input_c); output (batches, output_h,
 * output_w, output_c). scratch: columns of 4 pixels, 32 bytes a step, 4 channels + 1 bytes rounded
 * up to 4, and the inputs of a window. */
void fw_conv_2d_s8_dsp(const fw_conv_2d_s8_dsp_params* p, const int8_t* input,
                       const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                       int8_t* output);

#endif
