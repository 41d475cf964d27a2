/* Comparison of two int64 tensors with broadcasting: reference variant. */
#ifndef FW_COMPARE_S64_H
#define FW_COMPARE_S64_H

#include <stdint.h>

#include "pairs.h"

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_compare_s64(const fw_compared_pairs* p, const int64_t* input1, const int64_t* input2,
                    uint8_t* output);

#endif
