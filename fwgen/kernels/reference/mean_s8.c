/* out = clamp(zp_out + requantize(sum (in - zp_in))); the multiplier holds the division by the
 * number of elements. One addition per input; 32-bit sums, proven at build not to overflow.
 */
#include "mean_s8.h"

#include "requantize.h"

static int32_t sum_of(const int32_t size[3], const int32_t stride[3], const int8_t* input) {
  int32_t sum = 0;
  for (int32_t i = 0; i < size[0]; i++) {
    for (int32_t j = 0; j < size[1]; j++) {
      const int8_t* in = input + i * stride[0] + j * stride[1];
      for (int32_t k = 0; k < size[2]; k++) sum += in[k * stride[2]];
    }
  }
  return sum;
}

void fw_mean_s8(const fw_mean_s8_params* p, const int8_t* input, int8_t* output) {
  const int32_t* stride = p->kept_stride;
  for (int32_t i = 0; i < p->kept_size[0]; i++) {
    for (int32_t j = 0; j < p->kept_size[1]; j++) {
      for (int32_t k = 0; k < p->kept_size[2]; k++) {
        const int8_t* in = input + i * stride[0] + j * stride[1] + k * stride[2];
        const int32_t sum = p->offset + sum_of(p->mean_size, p->mean_stride, in);
        *output++ = fw_add_zero_point(fw_requantize(sum, p->output_multiplier, p->output_shift),
                                      p->output_zero_point, -128, 127);
      }
    }
  }
}
