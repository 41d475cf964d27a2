/* float32 values added to others: a step of the reference variant of a sum of many tensors. */
#ifndef FW_ADD_N_F32_H
#define FW_ADD_N_F32_H

#include <stdint.h>

/* first: 1 where the output is yet to be set. */
void fw_add_n_f32(const float* input, float* output, int32_t elements, int32_t first);

#endif
