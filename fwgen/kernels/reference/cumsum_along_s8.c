/* The running sums of a constant axis, with the sizes before, along and after it computed first. */
#include "cumsum_along_s8.h"

#include "axis.h"

void fw_cumsum_along_s8(const fw_cumsum_along_s8_params* p, const int8_t* input,
                        const int32_t* axis, int8_t* output,
                        void (*sum)(const fw_cumsum_s8_params* p, const int8_t* input,
                                    int8_t* output)) {
  const fw_axis along = fw_axis_of(p->dimensions, p->size, *axis);
  const fw_cumsum_s8_params params = {.outer = along.outer,
                                      .depth = along.depth,
                                      .inner = along.inner,
                                      .exclusive = p->exclusive,
                                      .reverse = p->reverse,
                                      .input_zero_point = p->input_zero_point,
                                      .multiplier = p->multiplier,
                                      .shift = p->shift,
                                      .output_zero_point = p->output_zero_point};
  sum(&params, input, output);
}
