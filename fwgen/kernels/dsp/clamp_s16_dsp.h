/* The clamp of int16 values, for cores with the DSP extension. */
#ifndef FW_CLAMP_S16_DSP_H
#define FW_CLAMP_S16_DSP_H

#include <stdint.h>

#include "dsp_required.h"

/* Clamps `count` values to [least, most], in place. */
void fw_clamp_s16_dsp(int16_t* values, int32_t least, int32_t most, int32_t count);

#endif
