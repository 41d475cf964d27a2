/* conv_2d_nest.h on int16 elements: sums of 32 bits. */
#include "conv_2d_s16_s32.h"

#define FW_PRODUCTS_S16_S32
#include "conv_2d_nest.h"

void fw_conv_2d_s16_s32(const fw_conv_2d_params* p, const int16_t* input,
                        const int8_t* restrict weights, const int32_t* restrict bias,
                        const int32_t* restrict multiplier, const int32_t* restrict shift,
                        int16_t* output) {
  conv_2d_nest_s16_s32(p, input, weights, bias, (fw_scaling){multiplier, shift}, output);
}
