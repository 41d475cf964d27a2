/* Running sums of float32 values along an axis: reference variant. */
#ifndef FW_CUMSUM_F32_H
#define FW_CUMSUM_F32_H

#include <stdint.h>

typedef struct {
  int32_t outer, depth, inner; /* elements before, along and after the axis */
  int32_t exclusive, reverse;  /* 0 or 1 */
} fw_cumsum_f32_params;

void fw_cumsum_f32(const fw_cumsum_f32_params* p, const float* input, float* output);

#endif
