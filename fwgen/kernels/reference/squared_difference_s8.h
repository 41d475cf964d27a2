/* Squared difference of two int8 tensors with broadcasting: reference variant. */
#ifndef FW_SQUARED_DIFFERENCE_S8_H
#define FW_SQUARED_DIFFERENCE_S8_H

#include <stdint.h>

#include "add_sub.h"

/* input1 and input2 are read with their strides (0 where broadcast), output is dense. */
void fw_squared_difference_s8(const fw_add_sub_params* p, const int8_t* input1,
                              const int8_t* input2, int8_t* output);

#endif
