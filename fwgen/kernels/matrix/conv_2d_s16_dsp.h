/* Convolution of int16 by products of 4 windows, for cores with the DSP extension: NHWC. */
#ifndef FW_CONV_2D_S16_DSP_H
#define FW_CONV_2D_S16_DSP_H

#include "dsp_matrix_s16.h"
#include "window_bytes.h"

/* `windows` counts channels in bytes. */
typedef struct {
  fw_windows windows;
  fw_matrix_pixels_s16_params matrix;
} fw_conv_2d_s16_dsp_params;

/* kernel: for 4 pixels; weights as dsp_matrix_s16.h has them. scratch: columns of 4 pixels, 16
 * bytes for each 2 inputs, 4 channels + 1 outputs rounded up to whole words, and a window. */
void fw_conv_2d_s16_dsp(const fw_conv_2d_s16_dsp_params* p, const int16_t* input,
                        const int32_t* weights, fw_matrix_columns_s16* kernel, uint8_t* scratch,
                        int16_t* output);

#endif
