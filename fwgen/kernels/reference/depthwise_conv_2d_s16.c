/* depthwise_conv_2d_nest.h on int16 elements: sums of 64 bits, rounded once. */
#include "depthwise_conv_2d_s16.h"

#define FW_PRODUCTS_S16
#include "depthwise_conv_2d_nest.h"

void fw_depthwise_conv_2d_s16(const fw_depthwise_conv_2d_params* p, const int16_t* input,
                              const int8_t* restrict weights, const int64_t* restrict bias,
                              const int32_t* restrict multiplier, const int32_t* restrict shift,
                              int16_t* output) {
  depthwise_conv_2d_nest_s16(p, input, weights, bias, (fw_scaling){multiplier, shift}, output);
}
