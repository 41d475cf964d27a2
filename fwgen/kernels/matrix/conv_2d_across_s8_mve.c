/* The windows of a strip along a row of the output are gathered in scratch, padding as the input's
 * zero point (which the folded bias makes contribute nothing), and multiplied by a matrix kernel.
 *
 * A line is what lies under a column of the kernel, a pixel of each of its rows. Windows side by
 * side share lines: the window of a pixel begins stride_w lines after that of the pixel before, and
 * each line is copied once. Outputs come in the order in which they lie, so they may be where
 * inputs were that no later row needs. Windows of one column share nothing, and those of several
 * rows may be gathered at a time.
 */
#include "conv_2d_across_s8_mve.h"

#include "mve_lines.h"

/* Lines of the windows of `columns` pixels from (y, x) of the output along its row. */
static void gather_across(const fw_conv_2d_across_s8_mve_params* p, const int8_t* image, int32_t y,
                          int32_t x, int32_t columns, int8_t* scratch) {
  const int32_t depth = p->input_c, line = p->kernel_h * depth;
  const int32_t step = p->kernel_w == 1 ? p->stride_w : 1;
  const int32_t lines = p->kernel_w == 1 ? columns : (columns - 1) * p->stride_w + p->kernel_w;
  const int32_t top = y * p->stride_h - p->pad_top, left = x * p->stride_w - p->pad_left;
  const range in = inside(left, step, lines, p->input_w);
  const range taps = inside(top, p->dilation_h, p->kernel_h, p->input_h);
  const int32_t row = p->input_w * depth, count = in.to - in.from;
  const int8_t* from = image + top * row + (left + in.from * step) * depth;
  int8_t* const first = scratch + in.from * line;

  fill(scratch, p->input_zero_point, in.from * line);
  if (taps.to - taps.from < p->kernel_h) fill(first, p->input_zero_point, count * line);
  for (int32_t r = taps.from; r < taps.to && count > 0; r++) {
    copy_lines(first + r * depth, line, from + r * p->dilation_h * row, step * depth, count, depth,
               0);
  }
  fill(scratch + in.to * line, p->input_zero_point, (lines - in.to) * line);
}

static inline int32_t fewer_of(int32_t a, int32_t b) { return a < b ? a : b; }

void fw_conv_2d_across_s8_mve(const fw_conv_2d_across_s8_mve_params* p, const int8_t* input,
                              const int32_t* weights, fw_matrix* pairs, fw_matrix* rest,
                              uint8_t* scratch, int8_t* output) {
  int8_t* const windows = (int8_t*)scratch;
  /* Pixels that the last block of a pixel reaches into. */
  const int32_t reach = ((-p->output_c & 7) + p->output_c - 1) / p->output_c;
  int32_t left = p->batches * p->output_h * p->output_w - reach;

  for (int32_t b = 0; b < p->batches; b++, input += p->input_h * p->input_w * p->input_c) {
    for (int32_t y = 0; y < p->output_h; y += p->rows) {
      const int32_t rows = fewer_of(p->rows, p->output_h - y);
      for (int32_t x = 0; x < p->output_w; x += p->strip) {
        const int32_t columns = fewer_of(p->strip, p->output_w - x), count = rows * columns;
        for (int32_t i = 0; i < rows; i++) {
          gather_across(p, input, y + i, x, columns, windows + i * columns * p->matrix.input_pitch);
        }
        const int32_t paired = left > 0 ? fewer_of(count, left) & ~1 : 0;
        if (paired > 0) pairs(&p->matrix, windows, 0, paired, weights, output);
        if (paired < count) rest(&p->matrix, windows, paired, count - paired, weights, output);
        left -= count;
        output += count * p->output_c;
      }
    }
  }
}
