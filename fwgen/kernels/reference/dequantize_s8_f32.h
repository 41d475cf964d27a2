/* int8 to float32: reference variant. */
#ifndef FW_DEQUANTIZE_S8_F32_H
#define FW_DEQUANTIZE_S8_F32_H

#include <stdint.h>

typedef struct {
  int32_t elements;
  int32_t zero_point;
} fw_dequantize_s8_f32_params;

/* scale: one element. */
void fw_dequantize_s8_f32(const fw_dequantize_s8_f32_params* p, const float* scale,
                          const int8_t* restrict input, float* restrict output);

#endif
