/* The windows of 4 pixels are widened in scratch, padding as the input's zero point (which the
 * folded bias makes contribute nothing), and multiplied: dsp_matrix.h. Pixels of all rows and
 * images follow one another, so that 4 of them are left apart only at the end.
 *
 * What lies under a row of the kernel is contiguous in the input, unless dilated. If it has a
 * multiple of 4 bytes, it is widened where it is; windows of others are gathered first.
 */
#include "conv_2d_s8_dsp.h"

#include "dsp_columns.h"

/* Where `count` taps from `first` on, `step` apart, are inside 0..size: [from, to). */
typedef struct {
  int32_t from, to;
} taps;

static inline taps inside(int32_t first, int32_t step, int32_t count, int32_t size) {
  taps t = {0, count};
  if (first >= 0 && first + (count - 1) * step < size) return t;
  while (t.from < count && first + t.from * step < 0) t.from++;
  while (t.to > t.from && first + (t.to - 1) * step >= size) t.to--;
  return t;
}

static inline int8_t* put(int8_t* to, const int8_t* from, int32_t bytes) {
  for (; bytes >= 4; bytes -= 4, from += 4, to += 4) __builtin_memcpy(to, from, 4);
  for (; bytes > 0; bytes--) *to++ = *from++;
  return to;
}

static inline int8_t* put_value(int8_t* to, int32_t value, int32_t bytes) {
  for (; bytes > 0; bytes--) *to++ = (int8_t)value;
  return to;
}

/* The window of an output from (top, left) of the input on, byte by byte. */
static void gather(const fw_conv_2d_s8_dsp_params* p, const int8_t* image, int32_t top,
                   int32_t left, int8_t* window) {
  const int32_t depth = p->input_c, line = p->kernel_w * depth;
  const taps rows = inside(top, p->dilation_h, p->kernel_h, p->input_h);
  const taps columns = inside(left, p->dilation_w, p->kernel_w, p->input_w);
  const int32_t count = columns.to - columns.from, pitch = p->dilation_h * p->input_w * depth;

  if (rows.to - rows.from == p->kernel_h && count == p->kernel_w && p->dilation_w == 1) {
    const int8_t* from = image + (top * p->input_w + left) * depth;
    for (int32_t r = 0; r < p->kernel_h; r++, from += pitch) window = put(window, from, line);
    return;
  }
  window = put_value(window, p->input_zero_point, rows.from * line);
  for (int32_t r = rows.from; r < rows.to; r++) {
    const int8_t* from =
        image +
        ((top + r * p->dilation_h) * p->input_w + left + columns.from * p->dilation_w) * depth;
    window = put_value(window, p->input_zero_point, columns.from * depth);
    if (p->dilation_w == 1) {
      window = put(window, from, count * depth);
    } else {
      for (int32_t c = 0; c < count; c++, from += p->dilation_w * depth) {
        window = put(window, from, depth);
      }
    }
    window = put_value(window, p->input_zero_point, (p->kernel_w - columns.to) * depth);
  }
  put_value(window, p->input_zero_point, (p->kernel_h - rows.to) * line);
}

/* The same, widened from where it is: taps, or rows of taps inside the input, are of whole words.
 */
static void widen(const fw_conv_2d_s8_dsp_params* p, const int8_t* image, int32_t top, int32_t left,
                  uint32_t* column) {
  const int32_t depth = p->input_c, line = p->kernel_w * depth, zero = p->input_zero_point;
  const taps rows = inside(top, p->dilation_h, p->kernel_h, p->input_h);
  const taps columns = inside(left, p->dilation_w, p->kernel_w, p->input_w);
  const int32_t count = columns.to - columns.from;

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

void fw_conv_2d_s8_dsp(const fw_conv_2d_s8_dsp_params* p, const int8_t* input,
                       const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                       int8_t* output) {
  const fw_matrix_dsp_params* const m = &p->matrix;
  uint32_t* const columns = (uint32_t*)(void*)scratch;
  int8_t* const spare = (int8_t*)(columns + m->steps * FW_COLUMN_STEP);
  int8_t* const window = spare + ((4 * m->channels + 1 + 3) & ~3);
  const int32_t whole_taps = p->input_c % 4 == 0;
  const int32_t whole_lines = p->dilation_w == 1 && p->kernel_w * p->input_c % 4 == 0;
  const int32_t span = (p->kernel_w - 1) * p->dilation_w;
  /* the last pair of the last pixel must not reach beyond the output */
  const int32_t direct = m->count - (m->channels & 1);
  int32_t y = 0, x = 0;

  for (int32_t at = 0; at < m->count; at += 4) {
    const int32_t left_over = m->count - at, count = left_over < 4 ? left_over : 4;
    for (int32_t i = 0; i < count; i++) {
      const int32_t top = y * p->stride_h - p->pad_top, left = x * p->stride_w - p->pad_left;
      if (whole_taps || (whole_lines && left >= 0 && left + span < p->input_w)) {
        widen(p, input, top, left, columns + i);
      } else {
        gather(p, input, top, left, window);
        fw_widen_bytes(window, m->depth, fw_columns, columns + i);
      }
      if (++x == p->output_w) {
        x = 0;
        if (++y == p->output_h) {
          y = 0;
          input += p->input_h * p->input_w * p->input_c;
        }
      }
    }
    if (at + 4 <= direct) {
      fw_four_pixels(m, kernel, columns, weights, output);
    } else {
      fw_last_pixels(m, kernel, columns, weights, count, spare, output);
    }
    output += count * m->channels;
  }
}
