/* As the reference kernel: sums as v6m_channel_sums.h has them, and a division for each output. */
#include "average_pool_2d_s8_v6m.h"

#include "v6m_channel_sums.h"
#include "word_windows.h"

static void window_means_v6m(const fw_pixels* window, const int8_t* first, int32_t channels,
                             int8_t* out) {
  static const fw_channel_adders add = {.of_8 = fw_v6m_add_8, .of_4 = fw_v6m_add_4};
  fw_window_means(window, first, channels, &add, out);
}

void fw_average_pool_2d_s8_v6m(const fw_pool_2d_words_params* p, const int8_t* input,
                               int8_t* output) {
  fw_each_window(p, input, output, window_means_v6m);
}
