/* depthwise_conv_2d_nest.h on float elements, products added up in their order. */
#include "depthwise_conv_2d_f32.h"

#define FW_PRODUCTS_F32
#include "depthwise_conv_2d_nest.h"

void fw_depthwise_conv_2d_f32(const fw_depthwise_conv_2d_params* p, const float* input,
                              const float* restrict weights, const float* restrict bias,
                              const float* bounds, float* output) {
  depthwise_conv_2d_nest_f32(p, input, weights, bias, (fw_bounds){bounds}, output);
}
