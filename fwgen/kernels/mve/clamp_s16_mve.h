/* Clamps int16 values in place, for kernels that do no more than saturate. */
#ifndef FW_CLAMP_S16_MVE_H
#define FW_CLAMP_S16_MVE_H

#include <stdint.h>

#include "mve_required.h"

void fw_clamp_s16_mve(int16_t* values, int32_t low, int32_t high, int32_t count);

#endif
