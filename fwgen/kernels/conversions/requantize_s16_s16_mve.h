/* int16 to int16 of another scale and zero point, for MVE. */
#ifndef FW_REQUANTIZE_S16_S16_MVE_H
#define FW_REQUANTIZE_S16_S16_MVE_H

#include <stdint.h>

#include "mve_requantize_elements.h"

void fw_requantize_s16_s16_mve(const fw_requantize_elements_params* p, const int16_t* input,
                               int16_t* output);

#endif
