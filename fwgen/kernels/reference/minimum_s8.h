/* Element-wise minimum of two int8 tensors with broadcasting: reference variant. */
#ifndef FW_MINIMUM_S8_H
#define FW_MINIMUM_S8_H

#include <stdint.h>

#include "pairs.h"

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_minimum_s8(const fw_pairs* p, const int8_t* input1, const int8_t* input2, int8_t* output);

#endif
