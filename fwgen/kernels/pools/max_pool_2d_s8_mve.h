/* Largest value of a sliding window, int8, NHWC, for MVE. */
#ifndef FW_MAX_POOL_2D_S8_MVE_H
#define FW_MAX_POOL_2D_S8_MVE_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c; /* output_c = input_c */
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
} fw_max_pool_2d_s8_mve_params;

/* input (batches, input_h, input_w, input_c), output (batches, output_h, output_w, input_c). */
void fw_max_pool_2d_s8_mve(const fw_max_pool_2d_s8_mve_params* p, const int8_t* input,
                           int8_t* output);

#endif
