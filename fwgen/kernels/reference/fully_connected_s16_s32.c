/* fully_connected_nest.h on int16 elements: sums of 32 bits. */
#include "fully_connected_s16_s32.h"

#define FW_PRODUCTS_S16_S32
#include "fully_connected_nest.h"

void fw_fully_connected_s16_s32(const fw_fully_connected_params* p, const int16_t* input,
                                const int8_t* restrict weights, const int32_t* restrict bias,
                                const int32_t* restrict multiplier, const int32_t* restrict shift,
                                int16_t* output) {
  fully_connected_nest_s16_s32(p, input, weights, bias, (fw_scaling){multiplier, shift}, output);
}
