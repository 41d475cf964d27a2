/* Which taps of a sliding window lie inside the input, along one axis. */
#ifndef FW_TAPS_H
#define FW_TAPS_H

#include <stdint.h>

typedef struct {
  int32_t first, end; /* half open */
} fw_taps;

/* The taps k of [0, kernel) with 0 <= origin + k * dilation < extent. Found step by step: a window
 * hangs over an edge by few taps, and small cores divide slowly. */
static inline fw_taps fw_taps_inside(int32_t origin, int32_t kernel, int32_t dilation,
                                     int32_t extent) {
  fw_taps taps = {0, kernel};
  while (taps.first < taps.end && origin + taps.first * dilation < 0) taps.first++;
  while (taps.first < taps.end && origin + (taps.end - 1) * dilation >= extent) taps.end--;
  return taps;
}

#endif
