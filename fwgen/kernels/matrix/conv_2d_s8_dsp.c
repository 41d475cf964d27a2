/* The windows of 4 pixels are widened in scratch, padding as the input's zero point (which the
 * folded bias makes contribute nothing), and multiplied: dsp_matrix.h. Pixels of all rows and
 * images follow one another, so that 4 of them are left apart only at the end.
 *
 * What lies under a row of the kernel is contiguous in the input, unless dilated. If it has a
 * multiple of 4 bytes, it is widened where it is; windows of others are gathered first.
 */
#include "conv_2d_s8_dsp.h"

#include "dsp_columns.h"

/* The window from (top, left) of the input on, widened from where it is: taps, or rows of taps
 * inside the input, are of whole words. */
static void widen(const fw_windows* p, const int8_t* image, int32_t top, int32_t left,
                  uint32_t* column) {
  const int32_t depth = p->input_c, line = p->kernel_w * depth, zero = p->input_zero_point;
  const fw_window_taps rows = fw_inside(top, p->dilation_h, p->kernel_h, p->input_h);
  const fw_window_taps columns = fw_inside(left, p->dilation_w, p->kernel_w, p->input_w);
  const int32_t count = columns.to - columns.from;

  if (p->dilation_w == 1 && count == p->kernel_w && rows.to - rows.from == p->kernel_h) {
    const int32_t pitch = p->dilation_h * p->input_w * depth;
    const int8_t* from = image + (top * p->input_w + left) * depth;
    for (int32_t r = 0; r < p->kernel_h; r++, from += pitch) {
      column = fw_widen_bytes(from, line, fw_columns, column);
    }
    return;
  }
  column = fw_widen_value(zero, rows.from * line, fw_columns, column);
  for (int32_t r = rows.from; r < rows.to; r++) {
    const int8_t* from =
        image +
        ((top + r * p->dilation_h) * p->input_w + left + columns.from * p->dilation_w) * depth;
    column = fw_widen_value(zero, columns.from * depth, fw_columns, column);
    if (p->dilation_w == 1) {
      column = fw_widen_bytes(from, count * depth, fw_columns, column);
    } else {
      for (int32_t c = 0; c < count; c++, from += p->dilation_w * depth) {
        column = fw_widen_bytes(from, depth, fw_columns, column);
      }
    }
    column = fw_widen_value(zero, (p->kernel_w - columns.to) * depth, fw_columns, column);
  }
  fw_widen_value(zero, (p->kernel_h - rows.to) * line, fw_columns, column);
}

void fw_conv_2d_s8_dsp(const fw_conv_2d_pixels_params* p, const int8_t* input,
                       const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                       int8_t* output) {
  const fw_windows* const w = &p->windows;
  const fw_matrix_pixels_params* const m = &p->matrix;
  uint32_t* const columns = (uint32_t*)(void*)scratch;
  int8_t* const spare = (int8_t*)scratch + m->columns * FW_DSP_COLUMN_BYTES;
  int8_t* const window = spare + ((4 * m->channels + 1 + 3) & ~3);
  const int32_t whole_taps = w->input_c % 4 == 0;
  const int32_t whole_lines = w->dilation_w == 1 && w->kernel_w * w->input_c % 4 == 0;
  const int32_t span = (w->kernel_w - 1) * w->dilation_w;
  fw_window_place at = {input, 0, 0};

  for (int32_t rest = m->count; rest > 0; rest -= 4, output += 4 * m->channels) {
    for (int32_t i = 0; i < 4 && i < rest; i++) {
      const int32_t top = at.y * w->stride_h - w->pad_top, left = at.x * w->stride_w - w->pad_left;
      if (whole_taps || (whole_lines && left >= 0 && left + span < w->input_w)) {
        widen(w, at.image, top, left, columns + i);
      } else {
        fw_gather_window(w, at.image, top, left, window);
        fw_widen_bytes(window, m->depth, fw_columns, columns + i);
      }
      fw_next_window(w, &at);
    }
    fw_next_pixels(m, kernel, scratch, FW_DSP_COLUMN_BYTES, weights, rest, spare, output);
  }
}
