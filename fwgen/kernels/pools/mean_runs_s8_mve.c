/* As the reference kernel, with the sum of 16 elements that follow one another at a time. An output
 * takes some 60 cycles beside them.
 */
#include "mean_runs_s8_mve.h"

#include "mve_runs.h"
#include "requantize.h"

static int8_t mean_at(const fw_rescaled_reduction_params* p, const int8_t* first) {
  int32_t sum = p->offset;
  for (int32_t a = 0; a < p->reduced_size[0]; a++) {
    for (int32_t b = 0; b < p->reduced_size[1]; b++) {
      const int8_t* in = first + a * p->reduced_stride[0] + b * p->reduced_stride[1];
      FW_STEP_RUN("vaddva.s8", in, p->reduced_size[2], sum);
    }
  }
  return fw_add_zero_point(fw_requantize(sum, p->output_multiplier, p->output_shift),
                           p->output_zero_point, INT8_MIN, INT8_MAX);
}

void fw_mean_runs_s8_mve(const fw_rescaled_reduction_params* p, const int8_t* input,
                         int8_t* output) {
  for (int32_t i = 0; i < p->kept_size[0]; i++) {
    for (int32_t j = 0; j < p->kept_size[1]; j++) {
      const int8_t* in = input + i * p->kept_stride[0] + j * p->kept_stride[1];
      for (int32_t k = 0; k < p->kept_size[2]; k++, in += p->kept_stride[2]) {
        *output++ = mean_at(p, in);
      }
    }
  }
}
