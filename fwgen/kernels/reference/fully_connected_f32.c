/* fully_connected_nest.h on float elements, products added up in their order. */
#include "fully_connected_f32.h"

#define FW_PRODUCTS_F32
#include "fully_connected_nest.h"

void fw_fully_connected_f32(const fw_fully_connected_params* p, const float* input,
                            const float* restrict weights, const float* restrict bias,
                            const float* bounds, float* output) {
  fully_connected_nest_f32(p, input, weights, bias, (fw_bounds){bounds}, output);
}
