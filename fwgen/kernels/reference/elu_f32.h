/* ELU of float32 values: reference variant. */
#ifndef FW_ELU_F32_H
#define FW_ELU_F32_H

#include <stdint.h>

/* output may be input. */
void fw_elu_f32(const float* input, float* output, int32_t elements);

#endif
