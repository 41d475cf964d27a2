/* int8 to int32 of another scale: reference variant. */
#ifndef FW_REQUANTIZE_S8_S32_H
#define FW_REQUANTIZE_S8_S32_H

#include "requantized.h"

/* output may lie over input, as long as no element is written before it is read. */
void fw_requantize_s8_s32(const fw_requantize_params* p, const int8_t* input, int32_t* output);

#endif
