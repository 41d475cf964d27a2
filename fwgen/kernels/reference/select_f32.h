/* One of two float32 tensors by truth values, with broadcasting: reference variant. */
#ifndef FW_SELECT_F32_H
#define FW_SELECT_F32_H

#include <stdint.h>

#include "select.h"

/* All inputs are read with their strides (0 where broadcast), output is dense. */
void fw_select_f32(const fw_select_params* p, const uint8_t* condition, const float* input1,
                   const float* input2, float* output);

#endif
