/* Running sums of int8 values along an axis: reference variant. */
#ifndef FW_CUMSUM_S8_H
#define FW_CUMSUM_S8_H

#include <stdint.h>

typedef struct {
  int32_t outer, depth, inner; /* elements before, along and after the axis */
  int32_t exclusive, reverse;  /* 0 or 1 */
  int32_t input_zero_point, multiplier, shift, output_zero_point;
} fw_cumsum_s8_params;

void fw_cumsum_s8(const fw_cumsum_s8_params* p, const int8_t* input, int8_t* output);

#endif
