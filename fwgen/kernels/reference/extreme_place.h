/* Places of extremes along an axis: what the reference variants have in common. */
#ifndef FW_EXTREME_PLACE_H
#define FW_EXTREME_PLACE_H

#include <stdint.h>

/* The input is (outer, axis, inner), the output (outer, inner). */
typedef struct {
  int32_t outer, axis, inner;
} fw_extreme_place_params;

#endif
