/* One value after the other. */
#include "clamp_s8_v7m.h"

#include "v7m_required.h"

void fw_clamp_s8_v7m(int8_t* values, int32_t least, int32_t most, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    int32_t value = values[i];
    if (value < least) value = least;
    if (value > most) value = most;
    values[i] = (int8_t)value;
  }
}
