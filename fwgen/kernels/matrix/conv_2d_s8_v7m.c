/* The windows of 4 pixels are put side by side in scratch, padding as the input's zero point (which
 * the folded bias makes contribute nothing), and multiplied: v7m_matrix.h. Pixels of all rows and
 * images follow one another, so that 4 of them are left apart only at the end.
 */
#include "conv_2d_s8_v7m.h"

void fw_conv_2d_s8_v7m(const fw_conv_2d_pixels_params* p, const int8_t* input,
                       const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                       int8_t* output) {
  const fw_windows* const w = &p->windows;
  const fw_matrix_pixels_params* const m = &p->matrix;
  int8_t* const columns = (int8_t*)scratch;
  int8_t* const spare = columns + m->columns * FW_V7M_COLUMN_BYTES;
  int8_t* const window = spare + ((4 * m->channels + 1 + 3) & ~3);
  fw_window_place at = {input, 0, 0};

  for (int32_t rest = m->count; rest > 0; rest -= 4, output += 4 * m->channels) {
    for (int32_t i = 0; i < 4 && i < rest; i++) {
      fw_gather_window(w, at.image, at.y * w->stride_h - w->pad_top,
                       at.x * w->stride_w - w->pad_left, window);
      fw_interleave(window, m->depth, columns + i);
      fw_next_window(w, &at);
    }
    fw_next_pixels(m, kernel, scratch, FW_V7M_COLUMN_BYTES, weights, rest, spare, output);
  }
}
