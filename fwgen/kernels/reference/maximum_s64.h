/* Element-wise maximum of two int64 tensors with broadcasting: reference variant. */
#ifndef FW_MAXIMUM_S64_H
#define FW_MAXIMUM_S64_H

#include <stdint.h>

#include "pairs.h"

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_maximum_s64(const fw_pairs* p, const int64_t* input1, const int64_t* input2,
                    int64_t* output);

#endif
