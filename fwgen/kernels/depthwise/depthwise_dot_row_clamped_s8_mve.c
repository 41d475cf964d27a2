#include "depthwise_dot_row_clamped_s8_mve.h"

#define FW_MVE_DOT dot_row_clamped
#define FW_MVE_DOT_STEP 4
#include "mve_dot_wide_clamped.h"

void fw_depthwise_dot_row_clamped_s8_mve(fw_mve_records* records, const int8_t* planes,
                                         int32_t plane, const uint16_t* units, int32_t count,
                                         int32_t channels, int8_t* out) {
  for (int32_t c = 0; c < channels; c += 4) {
    FW_MVE_DOT(records, c, planes, plane, units, count, out + c);
  }
}

#undef FW_MVE_DOT
