/* Division of rows by their Euclidean length, float32: reference variant. */
#ifndef FW_L2_NORMALIZATION_F32_H
#define FW_L2_NORMALIZATION_F32_H

#include <stdint.h>

/* input and output (rows, depth), which may be the same. */
void fw_l2_normalization_f32(const float* input, float* output, int32_t rows, int32_t depth);

#endif
