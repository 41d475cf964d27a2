/* Values and, where they are not positive, their products with a slope, of float32 values:
 * reference variant. */
#ifndef FW_LEAKY_RELU_F32_H
#define FW_LEAKY_RELU_F32_H

#include <stdint.h>

/* slope: one number. output may be input. */
void fw_leaky_relu_f32(const float* slope, const float* input, float* output, int32_t elements);

#endif
