/* int16 to int8 of another scale and zero point, for MVE. */
#ifndef FW_REQUANTIZE_S16_S8_MVE_H
#define FW_REQUANTIZE_S16_S8_MVE_H

#include <stdint.h>

#include "mve_requantize_elements.h"

void fw_requantize_s16_s8_mve(const fw_requantize_elements_params* p, const int16_t* input,
                              int8_t* output);

#endif
