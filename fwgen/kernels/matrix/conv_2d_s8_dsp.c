/* The windows of 4 pixels are widened in scratch, padding as the input's zero point (which the
 * folded bias makes contribute nothing), and multiplied: dsp_matrix.h. Pixels of all rows and
 * images follow one another, so that 4 of them are left apart only at the end.
 *
 * What lies under a row of the kernel is contiguous in the input, unless dilated. Such runs, of any
 * length, follow one another: what is left of a run begins the next word.
 */
#include "conv_2d_s8_dsp.h"

#include "dsp_columns.h"

/* Where the next 4 inputs of a window go, and those of them that are there, `bits` of `word`. */
typedef struct {
  uint32_t* column;
  uint32_t word;
  int32_t bits;
} fw_begun_column;

/* `bytes` inputs from `from` on if `step` is 1; if it is 0, as often the one of which `from` has
 * 4. */
static inline void put_run(fw_begun_column* to, const int8_t* from, int32_t step, int32_t bytes) {
  uint32_t *column = to->column, word = to->word, inputs;
  const int32_t bits = to->bits;

  for (; bytes >= 4; bytes -= 4, from += 4 * step, column += fw_columns.step) {
    __builtin_memcpy(&inputs, from, sizeof inputs);
    fw_widen(word | inputs << bits, fw_columns, column);
    word = inputs >> 1 >> (31 - bits);
  }
  if (bytes > 0) {
    const int32_t sum = bits + 8 * bytes;
    inputs = (uint8_t)from[0];
    if (bytes > 1) inputs |= (uint32_t)(uint8_t)from[step] << 8;
    if (bytes > 2) inputs |= (uint32_t)(uint8_t)from[2 * step] << 16;
    word |= inputs << bits;
    if (sum >= 32) {
      fw_widen(word, fw_columns, column);
      column += fw_columns.step;
      word = inputs >> 1 >> (31 - bits);
    }
    to->bits = sum & 31;
  }
  to->column = column;
  to->word = word;
}

/* The same, once for all runs of windows that reach beyond the input. */
__attribute__((noinline)) static void put_in_columns(fw_begun_column* to, const int8_t* from,
                                                     int32_t step, int32_t bytes) {
  put_run(to, from, step, bytes);
}

/* The window from (top, left) of the input on. */
static void columns_of_window(const fw_windows* p, const int8_t* image, int32_t top, int32_t left,
                              uint32_t* column) {
  const int32_t depth = p->input_c, line = p->kernel_w * depth;
  const uint32_t pad = (uint8_t)p->input_zero_point * 0x01010101u;
  const int8_t* const pads = (const int8_t*)&pad;
  const fw_window_taps rows = fw_inside(top, p->dilation_h, p->kernel_h, p->input_h);
  const fw_window_taps taps = fw_inside(left, p->dilation_w, p->kernel_w, p->input_w);
  const int32_t before = taps.from * depth, after = (p->kernel_w - taps.to) * depth;
  const int32_t apart = p->dilation_w * depth, pitch = p->dilation_h * p->input_w * depth;
  const int32_t runs = p->dilation_w == 1 ? 1 : taps.to - taps.from;
  const int32_t run = p->dilation_w == 1 ? line - before - after : depth;
  const int8_t* from =
      image + ((top + rows.from * p->dilation_h) * p->input_w + left) * depth + taps.from * apart;
  const int32_t whole = run == line && rows.to - rows.from == p->kernel_h;
  fw_begun_column to = {column, 0, 0};

  if (whole && line % 4 == 0) {
    for (int32_t r = 0; r < p->kernel_h; r++, from += pitch) {
      column = fw_widen_words(from, line, fw_columns, column);
    }
    return;
  }
  if (whole) {
    fw_begun_column begun = {column, 0, 0}; /* in registers, as no function has its address */
    for (int32_t r = 0; r < p->kernel_h; r++, from += pitch) put_run(&begun, from, 1, line);
    if (begun.bits > 0) fw_widen(begun.word, fw_columns, begun.column);
    return;
  }
  put_in_columns(&to, pads, 0, rows.from * line);
  for (int32_t r = rows.from; r < rows.to; r++, from += pitch) {
    if (before > 0) put_in_columns(&to, pads, 0, before);
    for (int32_t i = 0; i < runs; i++) put_in_columns(&to, from + i * apart, 1, run);
    if (after > 0) put_in_columns(&to, pads, 0, after);
  }
  put_in_columns(&to, pads, 0, (p->kernel_h - rows.to) * line);
  if (to.bits > 0) fw_widen(to.word, fw_columns, to.column);
}

void fw_conv_2d_s8_dsp(const fw_conv_2d_pixels_params* p, const int8_t* input,
                       const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                       int8_t* output) {
  const fw_windows* const w = &p->windows;
  const fw_matrix_pixels_params* const m = &p->matrix;
  uint32_t* const columns = (uint32_t*)(void*)scratch;
  int8_t* const spare = (int8_t*)scratch + m->columns * FW_DSP_COLUMN_BYTES;
  fw_window_place at = {input, 0, 0};

  for (int32_t rest = m->count; rest > 0; rest -= 4, output += 4 * m->channels) {
    for (int32_t i = 0; i < 4 && i < rest; i++) {
      columns_of_window(w, at.image, at.y * w->stride_h - w->pad_top,
                        at.x * w->stride_w - w->pad_left, columns + i);
      fw_next_window(w, &at);
    }
    fw_next_pixels(m, kernel, scratch, FW_DSP_COLUMN_BYTES, weights, rest, spare, output);
  }
}
