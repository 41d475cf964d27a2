/* Parameters of the sums and differences of mve_rescaled_rows.h. */
#ifndef FW_MVE_RESCALED_H
#define FW_MVE_RESCALED_H

#include <stdint.h>

#include "mve_elementwise.h"

typedef struct {
  int32_t near_weight, far_weight; /* 2^19 or -2^19; 2^20 or 2^21 */
  int32_t far_multiplier, output_multiplier;
  int32_t near_offset, far_offset; /* -zero_point * weight */
  int32_t far_shift;               /* -31 to -1 */
  int32_t output_offset;           /* (1/2 + zero_point) * 2^s, for the shift -s of -24 to -1 */
  int32_t up;                      /* 24 - s */
} fw_mve_rescaled_params;

#endif
