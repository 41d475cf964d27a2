/* ReLU of float32 values: reference variant. */
#ifndef FW_RELU_F32_H
#define FW_RELU_F32_H

#include <stdint.h>

/* output may be input. */
void fw_relu_f32(const float* input, float* output, int32_t elements);

#endif
