/* Cosine of float32 values: reference variant. */
#ifndef FW_COS_F32_H
#define FW_COS_F32_H

#include <stdint.h>

/* four_by_pi: 24 words, see float_circle.h. output may be input. */
void fw_cos_f32(const uint32_t* four_by_pi, const float* input, float* output, int32_t elements);

#endif
