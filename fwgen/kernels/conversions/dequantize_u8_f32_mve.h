/* uint8 to float32, for MVE with floating point. */
#ifndef FW_DEQUANTIZE_U8_F32_MVE_H
#define FW_DEQUANTIZE_U8_F32_MVE_H

#include <stdint.h>

#include "dequantize.h"
#include "mve_float_required.h"

void fw_dequantize_u8_f32_mve(const fw_dequantize_params* p, const float* scale,
                              const uint8_t* restrict input, float* restrict output);

#endif
