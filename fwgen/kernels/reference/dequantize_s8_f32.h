/* int8 to float32: reference variant. */
#ifndef FW_DEQUANTIZE_S8_F32_H
#define FW_DEQUANTIZE_S8_F32_H

#include "dequantize.h"

/* scale: one element. */
void fw_dequantize_s8_f32(const fw_dequantize_params* p, const float* scale,
                          const int8_t* restrict input, float* restrict output);

#endif
