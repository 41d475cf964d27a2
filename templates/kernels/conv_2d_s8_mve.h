/* Convolution, int8, NHWC, not grouped, for MVE; any kernel, stride, dilation and padding. */
#ifndef FW_CONV_2D_S8_MVE_H
#define FW_CONV_2D_S8_MVE_H

#include <stdint.h>

#include "mve_matrix.h"

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c;
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
  int32_t dilation_h, dilation_w;
  int32_t vectors; /* of 16 values in a column */
  int32_t input_zero_point, output_zero_point;
} fw_conv_2d_s8_mve_params;

/* input (batches, input_h, input_w, input_c); weights and quads as mve_matrix.h has them; scratch
 * holds two columns; output (batches, output_h, output_w, output_c). */
void fw_conv_2d_s8_mve(const fw_conv_2d_s8_mve_params* p, const int8_t* input,
                       const int8_t* weights, const int32_t* quads, uint8_t* scratch,
                       int8_t* output);

#endif
