/* One value after the other: 16 cycles of a Cortex-M0+. */
#include "clamp_s8_v6m.h"

#include "v6m_required.h"

void fw_clamp_s8_v6m(int8_t* values, int32_t least, int32_t most, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    int32_t value = values[i];
    if (value < least) value = least;
    if (value > most) value = most;
    values[i] = (int8_t)value;
  }
}
