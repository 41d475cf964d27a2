/* fully_connected_nest.h on int8 elements: sums of 32 bits. */
#include "fully_connected_s8.h"

#define FW_PRODUCTS_S8
#include "fully_connected_nest.h"

void fw_fully_connected_s8(const fw_fully_connected_params* p, const int8_t* input,
                           const int8_t* restrict weights, const int32_t* restrict bias,
                           const int32_t* restrict multiplier, const int32_t* restrict shift,
                           int8_t* output) {
  fully_connected_nest_s8(p, input, weights, bias, (fw_scaling){multiplier, shift}, output);
}
