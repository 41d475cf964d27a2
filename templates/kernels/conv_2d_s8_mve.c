/* The window of each output position is gathered into a column, padding as the input's zero point
 * (which the folded bias makes contribute nothing), and two columns at a time are multiplied with
 * the weights (mve_matrix.h). A row of the window is contiguous in the input: kernel_w * input_c
 * bytes unless it is dilated. Window after window, row by row; outputs follow in their order.
 */
#include "conv_2d_s8_mve.h"

static inline void copy(int8_t* to, const int8_t* from, int32_t bytes) {
  __asm__ volatile(
      "wlstp.8 lr, %[n], 2f\n"
      "1:\n"
      "vldrb.8 q0, [%[from]], #16\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [to] "+r"(to), [from] "+r"(from)
      : [n] "r"(bytes)
      : "lr", "q0", "memory");
}

static inline void fill(int8_t* to, int32_t value, int32_t bytes) {
  __asm__ volatile(
      "vdup.8 q0, %[value]\n"
      "wlstp.8 lr, %[n], 2f\n"
      "1:\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [to] "+r"(to)
      : [value] "r"(value), [n] "r"(bytes)
      : "lr", "q0", "memory");
}

/* Where taps from `first` on, `step` apart, are inside 0..size: [from, to) of `count`. */
typedef struct {
  int32_t from, to;
} range;

static inline range inside(int32_t first, int32_t step, int32_t count, int32_t size) {
  range r = {0, count};
  while (r.from < count && first + r.from * step < 0) r.from++;
  while (r.to > r.from && first + (r.to - 1) * step >= size) r.to--;
  return r;
}

/* The window whose first row and column in the input are y and x. */
static inline void gather(const fw_conv_2d_s8_mve_params* p, const int8_t* input, int32_t y,
                          int32_t x, int8_t* column) {
  const int32_t depth = p->input_c, line = p->kernel_w * depth;
  const range rows = inside(y, p->dilation_h, p->kernel_h, p->input_h);
  const range taps = inside(x, p->dilation_w, p->kernel_w, p->input_w);
  const int32_t run = (taps.to - taps.from) * depth;
  if (run < line || rows.to - rows.from < p->kernel_h) {
    fill(column, p->input_zero_point, p->kernel_h * line);
  }
  const int8_t* from =
      input +
      ((y + rows.from * p->dilation_h) * p->input_w + x + taps.from * p->dilation_w) * depth;
  int8_t* to = column + rows.from * line + taps.from * depth;
  const int32_t pitch = p->dilation_h * p->input_w * depth;
  for (int32_t ky = rows.from; ky < rows.to; ky++, from += pitch, to += line) {
    if (p->dilation_w == 1) {
      copy(to, from, run);
    } else {
      for (int32_t at = 0; at < run; at += depth) copy(to + at, from + at * p->dilation_w, depth);
    }
  }
}

void fw_conv_2d_s8_mve(const fw_conv_2d_s8_mve_params* p, const int8_t* input,
                       const int8_t* weights, const int32_t* quads, uint8_t* scratch,
                       int8_t* output) {
  const fw_mve_quad* const quad = (const fw_mve_quad*)quads;
  const int32_t bytes = 16 * p->vectors;
  int8_t* const columns[2] = {(int8_t*)scratch, (int8_t*)scratch + bytes};
  int32_t waiting = 0; /* columns that are gathered */
  for (int32_t b = 0; b < p->batches; b++, input += p->input_h * p->input_w * p->input_c) {
    for (int32_t y = 0; y < p->output_h; y++) {
      const int32_t in_y = y * p->stride_h - p->pad_top;
      for (int32_t x = 0; x < p->output_w; x++) {
        gather(p, input, in_y, x * p->stride_w - p->pad_left, columns[waiting]);
        if (++waiting < 2) continue;
        fw_mve_two_columns(weights, quad, columns[0], columns[1], p->vectors, p->output_c,
                           p->output_zero_point, output, output + p->output_c);
        output += 2 * p->output_c;
        waiting = 0;
      }
    }
  }
  if (waiting) {
    fw_mve_two_columns(weights, quad, columns[0], columns[0], p->vectors, p->output_c,
                       p->output_zero_point, output, output);
  }
}
