/* The ring of rows that the windows of a convolution share, on cores without vectors: kernel_h rows
 * of the input, padding as the input's zero point, as a kernel reads them. Each is put there when
 * the first output row needs it. The windows of 4 pixels in a row are multiplied where they are.
 *
 * Outputs, pairs of channels and what becomes of an odd one: four_pixels.h.
 */
#ifndef FW_ROW_RING_H
#define FW_ROW_RING_H

#include <stdint.h>

#define FW_MOST_KERNEL_ROWS 8

/* What a kernel for 4 pixels takes, in the order in which it loads it. */
typedef struct {
  const uint8_t* const* rows; /* where the first pixel begins in each row of the window */
  const uint8_t* const* end;
  int32_t row_bytes; /* inputs of a pixel in a row */
  int8_t* output;    /* of the last pair of channels of the first pixel */
  int32_t pitch;     /* bytes from a pixel's outputs to those of the next */
  int32_t pairs;
  const int32_t* weights;
} fw_matrix_rows_block;

typedef void fw_matrix_rows(const fw_matrix_rows_block* block);

typedef struct {
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c;
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
  int32_t input_zero_point;
  int32_t row_bytes; /* of a row in the ring, for the windows of output_w pixels rounded up to 4 */
} fw_conv_2d_rows_params;

/* Inputs of a row of the ring: `before` and `after` are padding, the others from `inputs` on. */
typedef struct {
  int32_t before, count, after;
  const int8_t* inputs;
} fw_ring_row;

/* Row `row` of the input, or of padding, as far as windows go. */
static inline fw_ring_row fw_row_of_ring(const fw_conv_2d_rows_params* p, const int8_t* input,
                                         int32_t row) {
  const int32_t taps = (p->output_w - 1) * p->stride_w + p->kernel_w, depth = p->input_c;
  const int32_t inside = taps - p->pad_left < p->input_w ? taps - p->pad_left : p->input_w;
  fw_ring_row r = {.before = taps * depth, .count = 0, .after = 0, .inputs = input};

  if (row < 0 || row >= p->input_h || inside <= 0) return r;
  r.before = p->pad_left * depth;
  r.count = inside * depth;
  r.after = (taps - p->pad_left - inside) * depth;
  r.inputs = input + row * p->input_w * depth;
  return r;
}

/* Puts a row of inputs into the ring, padding as `value`. */
typedef void fw_put_row(const fw_ring_row* row, int32_t value, uint8_t* to);

/* All outputs; an input takes `input_bytes` in the ring. */
static inline void fw_each_row(const fw_conv_2d_rows_params* p, const int8_t* input,
                               const int32_t* weights, fw_matrix_rows* kernel, fw_put_row put,
                               int32_t input_bytes, uint8_t* ring, int8_t* output) {
  int8_t* const spare = (int8_t*)(ring + p->kernel_h * p->row_bytes);
  const int32_t channels = p->output_c, pairs = (channels + 1) / 2;
  const int32_t apart = p->stride_w * p->input_c * input_bytes; /* from a pixel to the next */
  const uint8_t* rows[FW_MOST_KERNEL_ROWS];
  fw_matrix_rows_block block = {.rows = rows,
                                .end = rows + p->kernel_h,
                                .row_bytes = p->kernel_w * p->input_c * input_bytes,
                                .output = output,
                                .pitch = channels,
                                .pairs = pairs,
                                .weights = weights};
  int32_t next = 0, slot = 0; /* the row to be put, from the first of padding, and its place */

  for (int32_t y = 0; y < p->output_h; y++) {
    for (const int32_t end = y * p->stride_h + p->kernel_h; next < end; next++) {
      if (next >= y * p->stride_h) {
        const fw_ring_row row = fw_row_of_ring(p, input, next - p->pad_top);
        put(&row, p->input_zero_point, ring + slot * p->row_bytes);
      }
      if (++slot == p->kernel_h) slot = 0;
    }
    /* the first row of the window has the place that comes next */
    for (int32_t k = 0, at = slot; k < p->kernel_h; k++) {
      rows[k] = ring + at * p->row_bytes;
      if (++at == p->kernel_h) at = 0;
    }
    for (int32_t x = 0; x < p->output_w; x += 4) {
      const int32_t left = p->output_w - x, count = left < 4 ? left : 4;
      /* the last pair of the last pixel must not reach beyond the output */
      const int32_t last = y + 1 == p->output_h && left <= 4;
      const int32_t direct = count == 4 && !(last && channels % 2);
      block.output = (direct ? output : spare) + 2 * (pairs - 1);
      kernel(&block);
      if (!direct) {
        for (int32_t i = 0; i < count * channels; i++) output[i] = spare[i];
      }
      output += count * channels;
      for (int32_t k = 0; k < p->kernel_h; k++) rows[k] += 4 * apart;
    }
  }
}

#endif
