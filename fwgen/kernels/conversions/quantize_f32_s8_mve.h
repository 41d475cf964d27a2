/* float32 to int8, for MVE with floating point. */
#ifndef FW_QUANTIZE_F32_S8_MVE_H
#define FW_QUANTIZE_F32_S8_MVE_H

#include <stdint.h>

#include "mve_float_required.h"

typedef struct {
  int32_t elements;
  int32_t zero_point;
  int32_t high, low; /* bits of two floats above 0, whose sum is 1 / scale */
} fw_quantize_f32_s8_mve_params;

void fw_quantize_f32_s8_mve(const fw_quantize_f32_s8_mve_params* p, const float* restrict input,
                            int8_t* restrict output);

#endif
