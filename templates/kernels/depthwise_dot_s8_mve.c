#include "depthwise_dot_s8_mve.h"

#define FW_MVE_DOT_STEP "4"
#include "mve_dot.h"

void fw_depthwise_dot_s8_mve(const int8_t* windows, const int8_t* planes, const uint16_t* units,
                             int32_t count, int32_t channels, int8_t* out) {
  for (int32_t c = 0; c < channels; c += 4) {
    fw_mve_dot(windows + c * FW_MVE_WINDOW, planes + c * FW_MVE_PLANE_BYTES, units, count, out + c);
  }
}
