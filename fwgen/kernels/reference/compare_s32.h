/* Comparison of two int32 tensors with broadcasting: reference variant. */
#ifndef FW_COMPARE_S32_H
#define FW_COMPARE_S32_H

#include <stdint.h>

#include "pairs.h"

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_compare_s32(const fw_compared_pairs* p, const int32_t* input1, const int32_t* input2,
                    uint8_t* output);

#endif
