/* Each row of the input is copied when the first output row needs it, with padding as the input's
 * zero point, into a ring of kernel_h rows: no window reaches beyond it. The windows of 4 pixels in
 * a row are widened at the same time, so that a loop's turn is shared by 4: dsp_matrix.h.
 */
#include "conv_2d_lines_s8_dsp.h"

#include "dsp_columns.h"

static int8_t* fw_fill_bytes(int8_t* to, int32_t value, int32_t bytes) {
  for (; bytes > 0; bytes--) *to++ = (int8_t)value;
  return to;
}

/* Row `row` of the input, or of padding. */
static void fw_copy_line(const fw_conv_2d_lines_s8_dsp_params* p, const int8_t* input, int32_t row,
                         int8_t* to) {
  const int32_t depth = p->input_c, width = p->input_w * depth;
  const int32_t before = p->pad_left * depth;
  const int32_t inside = p->row_bytes - before < width ? p->row_bytes - before : width;
  const int8_t* from = input + row * width;
  int32_t left = inside;

  if (row < 0 || row >= p->input_h || inside <= 0) {
    fw_fill_bytes(to, p->input_zero_point, p->row_bytes);
    return;
  }
  to = fw_fill_bytes(to, p->input_zero_point, before);
  for (; left >= 4; left -= 4, from += 4, to += 4) __builtin_memcpy(to, from, 4);
  for (; left > 0; left--) *to++ = *from++;
  fw_fill_bytes(to, p->input_zero_point, p->row_bytes - before - inside);
}

/* 4 inputs of each of 4 pixels. */
static inline uint32_t* fw_widen_column(uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                                        uint32_t* column) {
  fw_widen(a, fw_columns, column);
  fw_widen(b, fw_columns, column + 1);
  fw_widen(c, fw_columns, column + 2);
  fw_widen(d, fw_columns, column + 3);
  return column + fw_columns.step;
}

static inline uint32_t fw_word_at(const int8_t* from) {
  uint32_t word;
  __builtin_memcpy(&word, from, sizeof word);
  return word;
}

/* The windows of 4 pixels, `apart` bytes from one another, the first one at `at` of each row. */
static void fw_widen_lines(const int8_t* const* rows, int32_t count, int32_t at, int32_t line,
                           int32_t apart, uint32_t* column) {
  const int32_t whole = line & ~3;
  uint32_t a = 0, b = 0, c = 0, d = 0;
  int32_t bits = 32;

  for (int32_t r = 0; r < count; r++) {
    const int8_t* from = rows[r] + at;
    for (const int8_t* const end = from + whole; from != end; from += 4) {
      column = fw_widen_column(fw_word_at(from), fw_word_at(from + apart),
                               fw_word_at(from + 2 * apart), fw_word_at(from + 3 * apart), column);
    }
  }
  for (int32_t r = 0; r < count; r++) {
    const int8_t* from = rows[r] + at + whole;
    for (const int8_t* const end = rows[r] + at + line; from != end; from++) {
      a = a >> 8 | (uint32_t)(uint8_t)from[0] << 24;
      b = b >> 8 | (uint32_t)(uint8_t)from[apart] << 24;
      c = c >> 8 | (uint32_t)(uint8_t)from[2 * apart] << 24;
      d = d >> 8 | (uint32_t)(uint8_t)from[3 * apart] << 24;
      bits -= 8;
      if (bits > 0) continue;
      column = fw_widen_column(a, b, c, d, column);
      bits = 32;
    }
  }
  if (bits < 32) fw_widen_column(a >> bits, b >> bits, c >> bits, d >> bits, column);
}

void fw_conv_2d_lines_s8_dsp(const fw_conv_2d_lines_s8_dsp_params* p, const int8_t* input,
                             const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                             int8_t* output) {
  const fw_matrix_pixels_params* const m = &p->matrix;
  uint32_t* const columns = (uint32_t*)(void*)scratch;
  int8_t* const spare = (int8_t*)scratch + m->columns * FW_DSP_COLUMN_BYTES;
  int8_t* const ring = spare + ((4 * m->channels + 1 + 3) & ~3);
  const int32_t line = p->kernel_w * p->input_c, apart = p->stride_w * p->input_c;
  const int8_t* rows[FW_MOST_KERNEL_LINES];
  int32_t next = 0, slot = 0; /* the row to be copied, from the first of padding, and its place */

  for (int32_t y = 0; y < p->output_h; y++) {
    for (const int32_t end = y * p->stride_h + p->kernel_h; next < end; next++) {
      if (next >= y * p->stride_h) {
        fw_copy_line(p, input, next - p->pad_top, ring + slot * p->row_bytes);
      }
      if (++slot == p->kernel_h) slot = 0;
    }
    /* kernel_h rows ago the same place was taken by the first row of the window */
    for (int32_t k = 0, at = slot; k < p->kernel_h; k++) {
      rows[k] = ring + at * p->row_bytes;
      if (++at == p->kernel_h) at = 0;
    }
    for (int32_t x = 0; x < p->output_w; x += 4) {
      const int32_t left = p->output_w - x, count = left < 4 ? left : 4;
      const int32_t more = y + 1 < p->output_h || left > 4; /* pixels after these */
      fw_widen_lines(rows, p->kernel_h, x * apart, line, apart, columns);
      fw_next_pixels(m, kernel, scratch, FW_DSP_COLUMN_BYTES, weights,
                     count == 4 ? 4 + more : count, spare, output);
      output += count * m->channels;
    }
  }
}
