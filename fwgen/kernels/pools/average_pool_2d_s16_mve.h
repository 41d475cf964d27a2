/* Average pooling, int16, NHWC, for MVE. */
#ifndef FW_AVERAGE_POOL_2D_S16_MVE_H
#define FW_AVERAGE_POOL_2D_S16_MVE_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c; /* output_c = input_c */
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
  int32_t least; /* values in a window */
} fw_average_pool_2d_s16_mve_params;

/* divisors: as mve_quotients.h has them. */
void fw_average_pool_2d_s16_mve(const fw_average_pool_2d_s16_mve_params* p, const int16_t* input,
                                const uint32_t* restrict divisors, int16_t* output);

#endif
