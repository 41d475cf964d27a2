/* Maximum pooling, int16, NHWC, for MVE. */
#ifndef FW_MAX_POOL_2D_S16_MVE_H
#define FW_MAX_POOL_2D_S16_MVE_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c; /* output_c = input_c */
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
} fw_max_pool_2d_s16_mve_params;

void fw_max_pool_2d_s16_mve(const fw_max_pool_2d_s16_mve_params* p, const int16_t* input,
                            int16_t* output);

#endif
