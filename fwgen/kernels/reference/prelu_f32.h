/* Values and, where they are negative, their products with a slope, float32: reference variant. */
#ifndef FW_PRELU_F32_H
#define FW_PRELU_F32_H

#include <stdint.h>

#include "pairs.h"

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_prelu_f32(const fw_pairs* p, const float* input1, const float* input2, float* output);

#endif
