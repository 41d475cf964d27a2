/* Mean of a sliding window of at most 256 values, int8, NHWC, for MVE. */
#ifndef FW_AVERAGE_POOL_2D_S8_MVE_H
#define FW_AVERAGE_POOL_2D_S8_MVE_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c; /* output_c = input_c */
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
  int32_t least; /* number of values that a window has in the input at least */
} fw_average_pool_2d_s8_mve_params;

/* input (batches, input_h, input_w, input_c), output (batches, output_h, output_w, input_c);
 * divisors: for windows of `least` values, least + 1 and so on a multiplier m and a shift s, such
 * that n divided by their number is round(n * m / 2^16) / 2^s rounded down, n up to 2^15 + 128. */
void fw_average_pool_2d_s8_mve(const fw_average_pool_2d_s8_mve_params* p, const int8_t* input,
                               const uint16_t* restrict divisors, int8_t* output);

#endif
