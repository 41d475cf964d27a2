/* Element-wise maximum of two int16 tensors with broadcasting: reference variant. */
#ifndef FW_MAXIMUM_S16_H
#define FW_MAXIMUM_S16_H

#include <stdint.h>

#include "pairs.h"

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_maximum_s16(const fw_pairs* p, const int16_t* input1, const int16_t* input2,
                    int16_t* output);

#endif
