/* Comparison of two bool tensors with broadcasting: reference variant. */
#ifndef FW_COMPARE_BOOL_H
#define FW_COMPARE_BOOL_H

#include <stdint.h>

#include "pairs.h"

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_compare_bool(const fw_compared_pairs* p, const uint8_t* input1, const uint8_t* input2,
                     uint8_t* output);

#endif
