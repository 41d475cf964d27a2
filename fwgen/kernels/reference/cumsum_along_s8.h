/* Running sums of int8 values along an axis that another tensor has: reference variant. */
#ifndef FW_CUMSUM_ALONG_S8_H
#define FW_CUMSUM_ALONG_S8_H

#include <stdint.h>

#include "cumsum_s8.h"
#include "rows.h"

typedef struct {
  int32_t dimensions;
  int32_t size[FW_LEVELS];    /* of each dimension */
  int32_t exclusive, reverse; /* 0 or 1 */
  int32_t input_zero_point, multiplier, shift, output_zero_point;
} fw_cumsum_along_s8_params;

/* An axis that there is not counts as the nearest one. sum: fw_cumsum_s8 or its twin. */
void fw_cumsum_along_s8(const fw_cumsum_along_s8_params* p, const int8_t* input,
                        const int32_t* axis, int8_t* output,
                        void (*sum)(const fw_cumsum_s8_params* p, const int8_t* input,
                                    int8_t* output));

#endif
