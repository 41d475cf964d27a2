/* float32 to int16: reference variant. */
#ifndef FW_QUANTIZE_F32_S16_H
#define FW_QUANTIZE_F32_S16_H

#include "quantize_float.h"

/* scale: one element. */
void fw_quantize_f32_s16(const fw_quantize_params* p, const float* scale,
                         const float* restrict input, int16_t* restrict output);

#endif
