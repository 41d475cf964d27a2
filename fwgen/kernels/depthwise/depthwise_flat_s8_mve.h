/* Depthwise convolution for MVE of small images or one dimension, output zero point -128. */
#ifndef FW_DEPTHWISE_FLAT_S8_MVE_H
#define FW_DEPTHWISE_FLAT_S8_MVE_H

#include "mve_depthwise_flat.h"

/* input (batches, input_h, input_w, channels), output (batches, output_h, output_w, channels); it
 * begins at a multiple of 4 bytes if channels are a multiple of 4. */
void fw_depthwise_flat_s8_mve(const fw_mve_depthwise_flat_params* p, const int8_t* input,
                              const int8_t* restrict records, const uint16_t* restrict units,
                              int8_t* output, void* restrict scratch);

#endif
