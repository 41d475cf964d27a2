/* Running sums of float32 values along an axis that another tensor has: reference variant. */
#ifndef FW_CUMSUM_ALONG_F32_H
#define FW_CUMSUM_ALONG_F32_H

#include <stdint.h>

#include "cumsum_f32.h"
#include "rows.h"

typedef struct {
  int32_t dimensions;
  int32_t size[FW_LEVELS];    /* of each dimension */
  int32_t exclusive, reverse; /* 0 or 1 */
} fw_cumsum_along_f32_params;

/* An axis that there is not counts as the nearest one. sum: fw_cumsum_f32 or its twin. */
void fw_cumsum_along_f32(const fw_cumsum_along_f32_params* p, const float* input,
                         const int32_t* axis, float* output,
                         void (*sum)(const fw_cumsum_f32_params* p, const float* input,
                                     float* output));

#endif
