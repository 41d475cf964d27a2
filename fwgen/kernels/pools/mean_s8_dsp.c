/* out = clamp(zp_out + requantize(sum (in - zp_in))), as the reference, with sums as
 * dsp_channel_sums.h has them.
 */
#include "mean_s8_dsp.h"

#include "dsp_channel_sums.h"
#include "requantize.h"

static void channel_means(const fw_rescaled_reduction_params* p, const int8_t* first,
                          int32_t channels, int8_t* out) {
  const fw_pixels image = fw_pixels_of(p->reduced_size[1], p->reduced_size[2], p->reduced_stride[2],
                                       p->reduced_stride[1]);
  for (int32_t c = 0, together; c < channels; c += together) {
    int32_t sums[8] = {0};
    together = fw_channels_together(channels - c);
    for (int32_t a = 0; a < p->reduced_size[0]; a++) {
      fw_sum_pixels(&image, first + c + a * p->reduced_stride[0], together, sums);
    }
    for (int32_t i = 0; i < together; i++) {
      const int32_t scaled =
          fw_requantize(sums[i] + p->offset, p->output_multiplier, p->output_shift);
      out[c + i] = fw_add_zero_point(scaled, p->output_zero_point, INT8_MIN, INT8_MAX);
    }
  }
}

void fw_mean_s8_dsp(const fw_rescaled_reduction_params* p, const int8_t* input, int8_t* output) {
  for (int32_t i = 0; i < p->kept_size[0]; i++) {
    for (int32_t j = 0; j < p->kept_size[1]; j++, output += p->kept_size[2]) {
      const int8_t* const first = input + i * p->kept_stride[0] + j * p->kept_stride[1];
      channel_means(p, first, p->kept_size[2], output);
    }
  }
}
