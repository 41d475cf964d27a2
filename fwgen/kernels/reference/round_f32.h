/* Nearest whole numbers of float32 values: reference variant. */
#ifndef FW_ROUND_F32_H
#define FW_ROUND_F32_H

#include <stdint.h>

/* output may be input. */
void fw_round_f32(const float* input, float* output, int32_t elements);

#endif
