/* Quotient, rounded down, of two float32 tensors with broadcasting: reference variant. */
#ifndef FW_FLOOR_DIV_F32_H
#define FW_FLOOR_DIV_F32_H

#include <stdint.h>

#include "pairs.h"

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_floor_div_f32(const fw_pairs* p, const float* input1, const float* input2, float* output);

#endif
