/* Values and, where they are negative, their products with a slope, int8: reference variant. */
#ifndef FW_PRELU_S8_H
#define FW_PRELU_S8_H

#include <stdint.h>

#include "prelu.h"

/* input1 and the slopes input2 are read with their strides (0 where broadcast), output is dense. */
void fw_prelu_s8(const fw_prelu_params* p, const int8_t* input1, const int8_t* input2,
                 int8_t* output);

#endif
