/* Values and, where they are negative, their products with a slope, int16: reference variant. */
#ifndef FW_PRELU_S16_H
#define FW_PRELU_S16_H

#include <stdint.h>

#include "prelu.h"

/* input1 and the slopes input2 are read with their strides (0 where broadcast), output is dense. */
void fw_prelu_s16(const fw_prelu_params* p, const int16_t* input1, const int8_t* input2,
                  int16_t* output);

#endif
