/* Depthwise convolution of small images for MVE: each window is 15 bytes of its channel at most. */
#ifndef FW_DEPTHWISE_CONV_2D_FLAT_MVE_H
#define FW_DEPTHWISE_CONV_2D_FLAT_MVE_H

#include <stdint.h>

typedef struct {
  int32_t batches, channels;
  int32_t input_h, input_w;
  int32_t output_h, output_w;
  int32_t pad_top, pad_left, pad_value;
  int32_t pitch;   /* positions per row of the padded image, where rows share their padding */
  int32_t strip_h; /* output rows computed at a time, from `rows` padded input rows */
  int32_t rows, positions;
  int32_t units; /* entries of the table */
} fw_depthwise_conv_2d_flat_mve_params;

void fw_depthwise_conv_2d_flat_mve(const fw_depthwise_conv_2d_flat_mve_params* p,
                                   const int8_t* restrict input, const int8_t* restrict records,
                                   const uint16_t* restrict units, int8_t* restrict output,
                                   void* restrict scratch);

#endif
