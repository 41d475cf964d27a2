/* The running sums of a constant axis, with the sizes before, along and after it computed first. */
#include "cumsum_along_f32.h"

#include "axis.h"

void fw_cumsum_along_f32(const fw_cumsum_along_f32_params* p, const float* input,
                         const int32_t* axis, float* output,
                         void (*sum)(const fw_cumsum_f32_params* p, const float* input,
                                     float* output)) {
  const fw_axis along = fw_axis_of(p->dimensions, p->size, *axis);
  const fw_cumsum_f32_params params = {.outer = along.outer,
                                       .depth = along.depth,
                                       .inner = along.inner,
                                       .exclusive = p->exclusive,
                                       .reverse = p->reverse};
  sum(&params, input, output);
}
