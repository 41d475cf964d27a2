/* int16 to int16 of another scale: reference variant. */
#ifndef FW_REQUANTIZE_S16_S16_H
#define FW_REQUANTIZE_S16_S16_H

#include "requantized.h"

/* output may lie over input, as long as no element is written before it is read. */
void fw_requantize_s16_s16(const fw_requantize_params* p, const int16_t* input, int16_t* output);

#endif
