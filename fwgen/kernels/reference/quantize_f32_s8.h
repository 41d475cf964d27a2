/* float32 to int8: reference variant. */
#ifndef FW_QUANTIZE_F32_S8_H
#define FW_QUANTIZE_F32_S8_H

#include "quantize_float.h"

/* scale: one element. */
void fw_quantize_f32_s8(const fw_quantize_params* p, const float* scale,
                        const float* restrict input, int8_t* restrict output);

#endif
