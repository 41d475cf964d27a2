/* Depthwise convolution of int16 values with int8 weights for MVE: any window, any channels. */
#ifndef FW_DEPTHWISE_S16_MVE_H
#define FW_DEPTHWISE_S16_MVE_H

#include "depthwise_pairs_s8_mve.h"

typedef struct {
  fw_depthwise_pairs_s8_mve_params image; /* channels: bytes of an output; pairs: taps */
  int32_t multiplier;                     /* output channels of an input channel */
  int32_t square;                         /* 1: windows of 3 x 3 without stride or dilation */
} fw_depthwise_s16_mve_params;

/* input (batches, input_h, input_w, channels / multiplier), output (batches, output_h, output_w,
 * channels). records as mve_taps_s16.h has them; taps: where the input of each tap is in the image
 * of a strip, in bytes after an output's first one, then a 0. The image has a row more than its
 * windows need, and 16 bytes. */
void fw_depthwise_s16_mve(const fw_depthwise_s16_mve_params* p, const int16_t* input,
                          const int8_t* restrict records, const int32_t* restrict taps,
                          int16_t* output, void* restrict scratch);

#endif
