/* As the reference kernel: sums as dsp_channel_sums.h has them, and a division for each output. */
#include "average_pool_2d_s8_dsp.h"

#include "dsp_channel_sums.h"
#include "word_windows.h"

static void window_means(const fw_pixels* window, const int8_t* first, int32_t channels,
                         int8_t* out) {
  static const fw_channel_adders add = {.of_8 = fw_add_8_widened, .of_4 = fw_add_4_widened};
  fw_window_means(window, first, channels, &add, out);
}

void fw_average_pool_2d_s8_dsp(const fw_pool_2d_words_params* p, const int8_t* input,
                               int8_t* output) {
  fw_each_window(p, input, output, window_means);
}
