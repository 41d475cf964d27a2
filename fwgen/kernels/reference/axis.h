/* The elements before, along and after an axis that is known at run time. */
#ifndef FW_AXIS_H
#define FW_AXIS_H

#include <stdint.h>

typedef struct {
  int32_t outer, depth, inner;
} fw_axis;

/* The axis counts from the last one if it is negative; beyond the ends it is the nearest one. */
static inline fw_axis fw_axis_of(int32_t dimensions, const int32_t* size, int32_t axis) {
  const int32_t first = axis < 0 ? axis + dimensions : axis;
  const int32_t above = first < 0 ? 0 : first;
  const int32_t at = above < dimensions ? above : dimensions - 1;
  fw_axis found = {1, size[at], 1};
  for (int32_t i = 0; i < at; i++) found.outer *= size[i];
  for (int32_t i = at + 1; i < dimensions; i++) found.inner *= size[i];
  return found;
}

#endif
