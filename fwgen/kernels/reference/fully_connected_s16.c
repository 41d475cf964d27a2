/* fully_connected_nest.h on int16 elements: sums of 64 bits, rounded once. */
#include "fully_connected_s16.h"

#define FW_PRODUCTS_S16
#include "fully_connected_nest.h"

void fw_fully_connected_s16(const fw_fully_connected_params* p, const int16_t* input,
                            const int8_t* restrict weights, const int64_t* restrict bias,
                            const int32_t* restrict multiplier, const int32_t* restrict shift,
                            int16_t* output) {
  fully_connected_nest_s16(p, input, weights, bias, (fw_scaling){multiplier, shift}, output);
}
