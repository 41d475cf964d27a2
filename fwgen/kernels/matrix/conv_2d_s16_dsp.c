/* The windows of 4 pixels are put side by side in scratch, padding as 0, and multiplied:
 * dsp_matrix_s16.h. Pixels of all rows and images follow one another, so that 4 of them are left
 * apart only at the end.
 *
 * What lies under a row of the kernel is contiguous in the input, unless dilated. If it has an even
 * number of inputs, it is taken from where it is; windows of others are gathered first.
 */
#include "conv_2d_s16_dsp.h"

/* Words of padding in a pixel's columns, for so many bytes. */
static uint32_t* pad_columns(int32_t bytes, uint32_t* at) {
  for (; bytes > 0; bytes -= 4, at += 4) *at = 0;
  return at;
}

/* The window from (top, left) of the input on: taps, or rows of taps inside the input, are of whole
 * words. */
static void put_window(const fw_windows* p, const int8_t* image, int32_t top, int32_t left,
                       uint32_t* column) {
  const int32_t depth = p->input_c, line = p->kernel_w * depth;
  const fw_window_taps rows = fw_inside(top, p->dilation_h, p->kernel_h, p->input_h);
  const fw_window_taps columns = fw_inside(left, p->dilation_w, p->kernel_w, p->input_w);
  const int32_t count = columns.to - columns.from;

  column = pad_columns(rows.from * line, column);
  for (int32_t r = rows.from; r < rows.to; r++) {
    const int8_t* from =
        image +
        ((top + r * p->dilation_h) * p->input_w + left + columns.from * p->dilation_w) * depth;
    column = pad_columns(columns.from * depth, column);
    if (p->dilation_w == 1) {
      column = fw_put_columns_s16(from, count * depth, column);
    } else {
      for (int32_t c = 0; c < count; c++, from += p->dilation_w * depth) {
        column = fw_put_columns_s16(from, depth, column);
      }
    }
    column = pad_columns((p->kernel_w - columns.to) * depth, column);
  }
  pad_columns((p->kernel_h - rows.to) * line, column);
}

void fw_conv_2d_s16_dsp(const fw_conv_2d_s16_dsp_params* p, const int16_t* input,
                        const int32_t* weights, fw_matrix_columns_s16* kernel, uint8_t* scratch,
                        int16_t* output) {
  const fw_windows* const w = &p->windows;
  const fw_matrix_pixels_s16_params* const m = &p->matrix;
  uint32_t* const columns = (uint32_t*)(void*)scratch;
  int16_t* const spare = (int16_t*)(void*)(columns + 4 * fw_columns_s16(m));
  int8_t* const window = (int8_t*)(spare + ((4 * m->channels + 1 + 1) & ~1));
  const int32_t whole_taps = w->input_c % 4 == 0;
  const int32_t whole_lines = w->dilation_w == 1 && w->kernel_w * w->input_c % 4 == 0;
  const int32_t span = (w->kernel_w - 1) * w->dilation_w;
  fw_window_place at = {(const int8_t*)input, 0, 0};

  for (int32_t rest = m->count; rest > 0; rest -= 4, output += 4 * m->channels) {
    for (int32_t i = 0; i < 4 && i < rest; i++) {
      const int32_t top = at.y * w->stride_h - w->pad_top, left = at.x * w->stride_w - w->pad_left;
      if (whole_taps || (whole_lines && left >= 0 && left + span < w->input_w)) {
        put_window(w, at.image, top, left, columns + i);
      } else {
        fw_gather_window(w, at.image, top, left, window);
        fw_put_columns_s16(window, 2 * m->depth, columns + i);
      }
      fw_next_window(w, &at);
    }
    fw_next_pixels_s16(m, kernel, columns, weights, rest, spare, output);
  }
}
