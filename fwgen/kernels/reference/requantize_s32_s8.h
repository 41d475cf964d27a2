/* int32 to int8 of another scale: reference variant. */
#ifndef FW_REQUANTIZE_S32_S8_H
#define FW_REQUANTIZE_S32_S8_H

#include "requantized.h"

/* output may lie over input, as long as no element is written before it is read. */
void fw_requantize_s32_s8(const fw_requantize_params* p, const int32_t* input, int8_t* output);

#endif
