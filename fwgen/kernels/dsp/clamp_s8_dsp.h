/* The clamp of int8 values, for cores with the DSP extension. */
#ifndef FW_CLAMP_S8_DSP_H
#define FW_CLAMP_S8_DSP_H

#include <stdint.h>

#include "dsp_required.h"

/* Clamps `count` values to [least, most], in place. */
void fw_clamp_s8_dsp(int8_t* values, int32_t least, int32_t most, int32_t count);

#endif
