/* One of two int8 tensors by truth values, with broadcasting: reference variant. */
#ifndef FW_SELECT_S8_H
#define FW_SELECT_S8_H

#include <stdint.h>

#include "select.h"

/* All inputs are read with their strides (0 where broadcast), output is dense. */
void fw_select_s8(const fw_select_params* p, const uint8_t* condition, const int8_t* input1,
                  const int8_t* input2, int8_t* output);

#endif
