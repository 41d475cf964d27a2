/* Hyperbolic tangent of float32 values: reference variant. */
#ifndef FW_TANH_F32_H
#define FW_TANH_F32_H

#include <stdint.h>

/* output may be input. */
void fw_tanh_f32(const float* input, float* output, int32_t elements);

#endif
