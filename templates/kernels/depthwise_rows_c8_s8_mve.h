/* Depthwise convolution for MVE, stride 1, kernels up to 3x4, 8 channels,
 * output zero point -128. */
#ifndef FW_DEPTHWISE_ROWS_C8_S8_MVE_H
#define FW_DEPTHWISE_ROWS_C8_S8_MVE_H

#include "mve_depthwise_rows.h"

/* input (batches, input_h, input_w, channels), output (batches, output_h, output_w, channels) at a
 * multiple of 4 bytes, channels a multiple of 4. */
void fw_depthwise_rows_c8_s8_mve(const fw_mve_depthwise_rows_params* p,
                                 const int8_t* restrict input, const int8_t* restrict records,
                                 const uint16_t* restrict units, int8_t* restrict output,
                                 void* restrict scratch);

#endif
