/* Depthwise convolution for MVE, horizontal stride 2, kernels up to 4x4,
 * output zero point -128. */
#ifndef FW_DEPTHWISE_ROWS_STRIDE2_S8_MVE_H
#define FW_DEPTHWISE_ROWS_STRIDE2_S8_MVE_H

#include "mve_depthwise_rows.h"

/* input (batches, input_h, input_w, channels), output (batches, output_h, output_w, channels); it
 * begins at a multiple of 4 bytes if channels are a multiple of 4. */
void fw_depthwise_rows_stride2_s8_mve(const fw_mve_depthwise_rows_params* p,
                                      const int8_t* restrict input, const int8_t* restrict records,
                                      const uint16_t* restrict units, int8_t* restrict output,
                                      void* restrict scratch);

#endif
