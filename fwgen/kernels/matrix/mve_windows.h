/* Windows of a convolution, gathered in scratch: padding has the input's zero point.
 *
 * A line is what lies under a row of the kernel: kernel_w * input_c bytes, contiguous in the input
 * unless dilated. Windows above one another share lines: in a strip that goes down a column of the
 * output, each line is copied once, and the window of a pixel begins stride_h lines after that
 * of the pixel above. In a strip along a row each pixel has its own kernel_h lines.
 * All is counted in bytes: of wider elements, input_c has those of a pixel.
 */
#ifndef FW_MVE_WINDOWS_H
#define FW_MVE_WINDOWS_H

#include "conv_2d_s8_mve.h"
#include "mve_lines.h"

/* Lines of the windows of `rows` pixels from (y, x) of the output down. */
static void gather(const fw_conv_2d_s8_mve_params* p, const int8_t* image, const int8_t* end,
                   int32_t y, int32_t x, int32_t rows, int8_t* scratch) {
  const int32_t depth = p->input_c, line = p->kernel_w * depth;
  const int32_t step = p->kernel_h == 1 ? p->stride_h : p->dilation_h;
  const int32_t lines = p->kernel_h == 1 ? rows : (rows - 1) * p->stride_h + p->kernel_h;
  const int32_t top = y * p->stride_h - p->pad_top, left = x * p->stride_w - p->pad_left;
  const range in = inside(top, step, lines, p->input_h);
  const range taps = inside(left, p->dilation_w, p->kernel_w, p->input_w);
  const int32_t pitch = step * p->input_w * depth, count = in.to - in.from;
  const int32_t bytes = (taps.to - taps.from) * depth;
  const int8_t* from =
      image + ((top + in.from * step) * p->input_w + left + taps.from * p->dilation_w) * depth;
  int8_t* const first = scratch + in.from * line;

  if (bytes < line) fill(first, p->input_zero_point, count * line);
  if (count > 0 && bytes > 0) {
    if (p->dilation_w == 1) {
      const int32_t whole =
          bytes == line && end - from >= (count - 1) * pitch + ((line + 15) & ~15);
      copy_lines(first + taps.from * depth, line, from, pitch, count, bytes, whole);
    } else {
      for (int32_t at = 0; at < bytes; at += depth, from += p->dilation_w * depth) {
        copy_lines(first + taps.from * depth + at, line, from, pitch, count, depth, 0);
      }
    }
  }
  fill(scratch, p->input_zero_point, in.from * line);
  fill(scratch + in.to * line, p->input_zero_point, (lines - in.to) * line);
}

/* Windows of `columns` pixels from (y, x) of the output along its row. Those inside the input from
 * left to right are copied line by line, a line of all pixels at a time. */
static void gather_along(const fw_conv_2d_s8_mve_params* p, const int8_t* image, const int8_t* end,
                         int32_t y, int32_t x, int32_t columns, int8_t* windows) {
  const int32_t depth = p->input_c, line = p->kernel_w * depth, window = p->matrix.input_pitch;
  const int32_t top = y * p->stride_h - p->pad_top, left = x * p->stride_w - p->pad_left;
  const int32_t span = (p->kernel_w - 1) * p->dilation_w, step = p->stride_w * depth;
  const range rows = inside(top, p->dilation_h, p->kernel_h, p->input_h);
  int32_t first = 0, last = columns;
  while (first < columns && left + first * p->stride_w < 0) first++;
  while (last > first && left + (last - 1) * p->stride_w + span >= p->input_w) last--;

  for (int32_t i = 0; i < first; i++) gather(p, image, end, y, x + i, 1, windows + i * window);
  const int32_t count = last - first;
  if (count > 0 && rows.to - rows.from < p->kernel_h) {
    fill(windows + first * window, p->input_zero_point, count * window);
  }
  for (int32_t r = rows.from; r < rows.to && count > 0; r++) {
    int8_t* const to = windows + first * window + r * line;
    const int8_t* from =
        image + ((top + r * p->dilation_h) * p->input_w + left) * depth + first * step;
    if (p->dilation_w == 1) {
      /* what is written beyond a line must be of lines that follow */
      const int32_t vectors = (line + 15) & ~15;
      const int32_t whole =
          r * line + vectors <= rows.to * line && end - from >= (count - 1) * step + vectors;
      copy_lines(to, window, from, step, count, line, whole);
    } else {
      for (int32_t at = 0; at < line; at += depth, from += p->dilation_w * depth) {
        copy_lines(to + at, window, from, step, count, depth, 0);
      }
    }
  }
  for (int32_t i = last; i < columns; i++) gather(p, image, end, y, x + i, 1, windows + i * window);
}

#endif
