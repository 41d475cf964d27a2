/* The walk of a pool over its windows, for cores without vectors. */
#ifndef FW_WORD_WINDOWS_H
#define FW_WORD_WINDOWS_H

#include "taps.h"
#include "word_pixels.h"
#include "word_pool.h"

/* Calls `pool` for each window with the part of it that is inside the input, not empty. */
static inline void fw_each_window(const fw_pool_2d_words_params* p, const int8_t* image,
                                  int8_t* output,
                                  void pool(const fw_pixels* window, const int8_t* first,
                                            int32_t channels, int8_t* out)) {
  const int32_t channels = p->input_c, pitch = p->input_w * channels;
  for (int32_t b = 0; b < p->batches; b++, image += p->input_h * pitch) {
    for (int32_t y = 0; y < p->output_h; y++) {
      const int32_t top = y * p->stride_h - p->pad_top;
      const fw_taps rows = fw_taps_inside(top, p->kernel_h, 1, p->input_h);
      for (int32_t x = 0; x < p->output_w; x++, output += channels) {
        const int32_t left = x * p->stride_w - p->pad_left;
        const fw_taps columns = fw_taps_inside(left, p->kernel_w, 1, p->input_w);
        const fw_pixels window =
            fw_pixels_of(rows.end - rows.first, columns.end - columns.first, channels, pitch);
        pool(&window, image + (top + rows.first) * pitch + (left + columns.first) * channels,
             channels, output);
      }
    }
  }
}

#endif
