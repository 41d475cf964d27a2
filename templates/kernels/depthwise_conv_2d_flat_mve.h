/* Depthwise convolution for MVE of small images or one dimension, output zero point -128. */
#ifndef FW_DEPTHWISE_CONV_2D_FLAT_MVE_H
#define FW_DEPTHWISE_CONV_2D_FLAT_MVE_H

#include "mve_depthwise_flat.h"

/* input (batches, input_h, input_w, channels), output (batches, output_h, output_w, channels) at a
 * multiple of 4 bytes, channels a multiple of 4. */
void fw_depthwise_conv_2d_flat_mve(const fw_mve_depthwise_flat_params* p,
                                   const int8_t* restrict input, const int8_t* restrict records,
                                   const uint16_t* restrict units, int8_t* restrict output,
                                   void* restrict scratch);

#endif
