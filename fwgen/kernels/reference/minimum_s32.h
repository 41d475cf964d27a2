/* Element-wise minimum of two int32 tensors with broadcasting: reference variant. */
#ifndef FW_MINIMUM_S32_H
#define FW_MINIMUM_S32_H

#include <stdint.h>

#include "pairs.h"

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_minimum_s32(const fw_pairs* p, const int32_t* input1, const int32_t* input2,
                    int32_t* output);

#endif
