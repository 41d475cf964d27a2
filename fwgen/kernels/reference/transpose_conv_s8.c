/* transpose_conv_nest.h on int8 elements: sums of 32 bits. */
#include "transpose_conv_s8.h"

#define FW_PRODUCTS_S8
#include "transpose_conv_nest.h"

void fw_transpose_conv_s8(const fw_transpose_conv_params* p, const int8_t* input,
                          const int8_t* restrict weights, const int32_t* restrict bias,
                          const int32_t* restrict multiplier, const int32_t* restrict shift,
                          int8_t* output) {
  transpose_conv_nest_s8(p, input, weights, bias, (fw_scaling){multiplier, shift}, output);
}
