/* Logical disjunction of two tensors of truth values with broadcasting: reference variant. */
#ifndef FW_LOGICAL_OR_BOOL_H
#define FW_LOGICAL_OR_BOOL_H

#include <stdint.h>

#include "pairs.h"

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_logical_or_bool(const fw_pairs* p, const uint8_t* input1, const uint8_t* input2,
                        uint8_t* output);

#endif
