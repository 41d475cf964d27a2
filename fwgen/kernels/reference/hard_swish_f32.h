/* Hard swish of float32 values: reference variant. */
#ifndef FW_HARD_SWISH_F32_H
#define FW_HARD_SWISH_F32_H

#include <stdint.h>

/* output may be input. */
void fw_hard_swish_f32(const float* input, float* output, int32_t elements);

#endif
