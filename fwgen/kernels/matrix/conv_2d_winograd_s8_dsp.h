/* Convolution of 3 x 3 with stride 1, int8, NHWC, not grouped or dilated, by transformed tiles, for
 * cores with the DSP extension: dsp_winograd.h. */
#ifndef FW_CONV_2D_WINOGRAD_S8_DSP_H
#define FW_CONV_2D_WINOGRAD_S8_DSP_H

#include "dsp_winograd.h"

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c;
  int32_t pad_top, pad_left;
  int32_t input_zero_point;
  int32_t pairs; /* of input channels, rounded up to what the kernel takes */
} fw_conv_2d_winograd_s8_dsp_params;

/* input (batches, input_h, input_w, input_c), output (batches, output_h, output_w, output_c);
 * weights as dsp_winograd.h has them; inputs and products: the kernels for up to 4 tiles.
 * scratch: fw_winograd_work, `pairs` times 256 bytes of values, then 4 rows of inputs, of
 * input_c / 4, rounded up, times 2 words for each of output_w, rounded up to 2, and 2 pixels. */
void fw_conv_2d_winograd_s8_dsp(const fw_conv_2d_winograd_s8_dsp_params* p, const int8_t* input,
                                const int32_t* weights, fw_winograd_inputs* inputs,
                                fw_winograd_products* products, uint8_t* scratch, int8_t* output);

#endif
