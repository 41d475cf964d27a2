/* As the reference kernel: sums as dsp_channel_sums.h has them, and a division for each output. */
#include "average_pool_2d_s8_dsp.h"

#include "dsp_channel_sums.h"
#include "dsp_windows.h"

static void window_means(const fw_pixels* window, const int8_t* first, int32_t channels,
                         int8_t* out) {
  const int32_t count = window->rows * window->columns, half = count / 2;
  for (int32_t c = 0, together; c < channels; c += together) {
    int32_t sums[8] = {0};
    together = fw_channels_together(channels - c);
    fw_sum_pixels(window, first + c, together, sums);
    for (int32_t i = 0; i < together; i++) {
      out[c + i] = (int8_t)((sums[i] + (sums[i] > 0 ? half : -half)) / count); /* truncates */
    }
  }
}

void fw_average_pool_2d_s8_dsp(const fw_pool_2d_dsp_params* p, const int8_t* input,
                               int8_t* output) {
  fw_each_window(p, input, output, window_means);
}
