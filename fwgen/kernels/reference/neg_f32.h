/* Opposite of float32 values: reference variant. */
#ifndef FW_NEG_F32_H
#define FW_NEG_F32_H

#include <stdint.h>

/* output may be input. */
void fw_neg_f32(const float* input, float* output, int32_t elements);

#endif
