/* int16 to float32: reference variant. */
#ifndef FW_DEQUANTIZE_S16_F32_H
#define FW_DEQUANTIZE_S16_F32_H

#include "dequantize.h"

/* scale: one element. */
void fw_dequantize_s16_f32(const fw_dequantize_params* p, const float* scale,
                           const int16_t* restrict input, float* restrict output);

#endif
