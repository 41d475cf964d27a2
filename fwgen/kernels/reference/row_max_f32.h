/* The greatest number of a row of floats. */
#ifndef FW_ROW_MAX_F32_H
#define FW_ROW_MAX_F32_H

#include <stdint.h>

/* What is not a number is left out; the least number of an empty rest. */
static inline float fw_row_max_f32(const float* row, int32_t depth) {
  float max = -0x1.fffffep+127f;
  for (int32_t c = 0; c < depth; c++) {
    if (max < row[c]) max = row[c];
  }
  return max;
}

#endif
