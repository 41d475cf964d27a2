/* The windows of 4 pixels are put side by side in scratch, padding as the input's zero point (which
 * the folded bias makes contribute nothing), and multiplied: v7m_matrix.h. Pixels of all rows and
 * images follow one another, so that 4 of them are left apart only at the end.
 */
#include "conv_2d_s8_v7m.h"

/* A window goes into its place of the columns; `window` has room for it, if it reaches beyond the
 * input. */
static void put_bytes_of_window(const fw_windows* w, const fw_window_place* at, int32_t depth,
                                int8_t* window, int8_t* column) {
  const int32_t top = at->y * w->stride_h - w->pad_top, left = at->x * w->stride_w - w->pad_left;
  const int32_t line = w->kernel_w * w->input_c;
  const int32_t right = left + w->kernel_w, bottom = top + (w->kernel_h - 1) * w->dilation_h;

  if (w->dilation_w == 1 && top >= 0 && left >= 0 && right <= w->input_w && bottom < w->input_h) {
    const int8_t* from = at->image + (top * w->input_w + left) * w->input_c;
    for (int32_t r = 0; r < w->kernel_h; r++, column += line * FW_V7M_COLUMN_BYTES) {
      fw_interleave(from, line, column);
      from += w->dilation_h * w->input_w * w->input_c;
    }
    return;
  }
  fw_gather_window(w, at->image, top, left, window);
  fw_interleave(window, depth, column);
}

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
      put_bytes_of_window(w, &at, m->depth, window, columns + i);
      fw_next_window(w, &at);
    }
    fw_next_pixels(m, kernel, scratch, FW_V7M_COLUMN_BYTES, weights, rest, spare, output);
  }
}
