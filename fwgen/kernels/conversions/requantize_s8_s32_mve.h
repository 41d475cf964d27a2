/* int8 to int32 of another scale and zero point, for MVE. */
#ifndef FW_REQUANTIZE_S8_S32_MVE_H
#define FW_REQUANTIZE_S8_S32_MVE_H

#include <stdint.h>

#include "mve_requantize_elements.h"

void fw_requantize_s8_s32_mve(const fw_requantize_elements_params* p, const int8_t* input,
                              int32_t* output);

#endif
