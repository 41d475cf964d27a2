/* transpose_conv_nest.h on float elements, products added up in their order. */
#include "transpose_conv_f32.h"

#define FW_PRODUCTS_F32
#include "transpose_conv_nest.h"

void fw_transpose_conv_f32(const fw_transpose_conv_params* p, const float* input,
                           const float* restrict weights, const float* restrict bias,
                           const float* bounds, float* output) {
  transpose_conv_nest_f32(p, input, weights, bias, (fw_bounds){bounds}, output);
}
