/* One of two int16 tensors by truth values, with broadcasting: reference variant. */
#ifndef FW_SELECT_S16_H
#define FW_SELECT_S16_H

#include <stdint.h>

#include "select.h"

/* All inputs are read with their strides (0 where broadcast), output is dense. */
void fw_select_s16(const fw_select_params* p, const uint8_t* condition, const int16_t* input1,
                   const int16_t* input2, int16_t* output);

#endif
