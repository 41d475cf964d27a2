/* Depthwise convolution by planes of four rows: what the kernels share that differ in the channels
 * of a pixel (FW_ROWS_LANES, 16 or 8), in the output rows that four input rows give (FW_ROWS_OUT, 2
 * or 1) and in the horizontal stride. It comes after the header that has fw_mve_dot.
 *
 * The four input rows are in buffers, 16 channels (or 8) of them, with the columns of the padding
 * around. Transposing makes each column of them a word of a plane. A window is then up to four
 * consecutive words; the upper of two outputs multiplies them with {w0, w1, w2, 0} per column, the
 * lower one with {0, w0, w1, w2}.
 */
#ifndef FW_MVE_ROWS_H
#define FW_MVE_ROWS_H

#include <stdint.h>

#include "mve_depthwise_rows.h"
#include "mve_planes.h"

#define FW_ROWS_ADVANCE (64 / FW_ROWS_LANES) /* FW_MVE_ADVANCE as a number */

typedef struct {
  const fw_mve_depthwise_rows_params* p;
  const int8_t* input; /* the first of the channels */
  int32_t lanes;       /* channels, at most FW_ROWS_LANES */
  int8_t *rows, *planes;
  int32_t next; /* of the input, buffers hold the four rows before it */
  fw_mve_records records;
} fw_mve_rows;

/* The buffer of an input row, at a column of the padded image. */
static inline int8_t* fw_mve_row(const fw_mve_rows* r, int32_t row, int32_t column) {
  return r->rows + (row & 3) * r->p->row_bytes + column * FW_ROWS_LANES;
}

/* Makes the four rows from `top` on available. */
static inline void fw_mve_load_rows(fw_mve_rows* r, int32_t top) {
  const fw_mve_depthwise_rows_params* p = r->p;
  if (top < r->next - 4 || top > r->next) r->next = top;
  for (; r->next < top + 4; r->next++) {
    int8_t* to = fw_mve_row(r, r->next, p->pad_left);
    const int8_t* from = r->input + r->next * p->input_w * p->channels;
    if (r->next < 0 || r->next >= p->input_h) {
      fw_mve_fill(to, p->pad_value, p->input_w * FW_ROWS_LANES);
    } else if (FW_ROWS_LANES == 16) {
      fw_mve_gather(from, p->channels, r->lanes, p->input_w, to);
    } else {
      fw_mve_copy(from, p->input_w * FW_ROWS_LANES, to);
    }
  }
}

/* The planes of `strip_h` output rows from `y` on, columns of the padded image from `x` on. */
static inline void fw_mve_fill_planes(fw_mve_rows* r, int32_t y, int32_t x) {
  const fw_mve_depthwise_rows_params* p = r->p;
  const uint32_t start = (uint32_t)(uintptr_t)r->planes - FW_ROWS_ADVANCE;
  const uint32_t four = 4 * FW_MVE_PLANE_BYTES;
#if FW_ROWS_LANES == 16
  uint32_t base[4] = {start, start + four, start + 2 * four, start + 3 * four};
#else
  uint32_t base[4] = {start, start + four, start + 4, start + four + 4}; /* two pixels */
#endif
  for (int32_t i = 0; i < p->strip_h; i += FW_ROWS_OUT) {
    const int32_t top = (y + i) * p->stride_h - p->pad_top;
    fw_mve_load_rows(r, top);
    fw_mve_transpose(fw_mve_row(r, top, x), fw_mve_row(r, top + 1, x), fw_mve_row(r, top + 2, x),
                     fw_mve_row(r, top + 3, x), base, (p->strip_words * FW_ROWS_LANES + 15) / 16);
    for (int32_t k = 0; k < 4; k++) base[k] += (uint32_t)p->pitch * 4;
  }
}

/* The outputs of a strip from `staging`, where they have 16 bytes each, to the output, less a row
 * above it. */
static inline void fw_mve_put_rows(const fw_mve_rows* r, const int8_t* staging, int32_t y,
                                   int8_t* output) {
  const fw_mve_depthwise_rows_params* p = r->p;
  for (int32_t i = y < 0 ? 1 : 0; i < p->strip_h; i++) {
    fw_mve_put(staging + i * p->strip_w * 16, r->lanes, p->strip_w,
               output + i * p->output_w * p->channels, p->channels);
  }
}

/* All outputs of the channels. The last strips are moved back to end with the output. */
static inline void fw_mve_convolve_rows(fw_mve_rows* r, const uint16_t* units, int8_t* output) {
  const fw_mve_depthwise_rows_params* p = r->p;
  r->next = -(1 << 30);
  for (int32_t strip_y = 0; strip_y < p->output_h; strip_y += p->strip_h) {
    const int32_t y = strip_y + p->strip_h > p->output_h ? p->output_h - p->strip_h : strip_y;
    for (int32_t strip_x = 0; strip_x < p->output_w; strip_x += p->strip_w) {
      const int32_t x = strip_x + p->strip_w > p->output_w ? p->output_w - p->strip_w : strip_x;
      fw_mve_fill_planes(r, y, x * FW_ROWS_STRIDE_W);
      int8_t* out = output + (y * p->output_w + x) * p->channels;
      int8_t* to = p->channels % 4 ? r->rows + 4 * p->row_bytes : out;
      for (int32_t q = 0; q < r->lanes; q += 4) {
        fw_mve_dot(r->records.windows + q * FW_MVE_WINDOW, r->planes + q * FW_MVE_PLANE_BYTES,
                   units, p->units, to + q);
      }
      if (to != out) fw_mve_put_rows(r, to, y, out);
    }
  }
}

/* The whole operator. */
static inline void fw_mve_depthwise_rows(const fw_mve_depthwise_rows_params* p, const int8_t* input,
                                         const int8_t* records, const uint16_t* units,
                                         int8_t* output, int8_t* scratch) {
  fw_mve_rows r;
  r.p = p;
  r.planes = scratch + FW_MVE_PLANES_FRONT;
  r.rows = scratch + FW_MVE_PLANES_BYTES;
  fw_mve_clear_records(&r.records);
  fw_mve_fill(r.rows, p->pad_value, 4 * p->row_bytes);
  for (int32_t b = 0; b < p->batches; b++) {
    for (int32_t first = 0; first < p->channels; first += FW_ROWS_LANES) {
      const int32_t left = p->channels - first;
      r.input = input + first;
      r.lanes = left < FW_ROWS_LANES ? left : FW_ROWS_LANES;
      fw_mve_expand(records, p->channels, p->taps, p->output_zero_point, first, r.lanes,
                    &r.records);
      fw_mve_convolve_rows(&r, units, output + first);
    }
    input += p->input_h * p->input_w * p->channels;
    output += p->output_h * p->output_w * p->channels;
  }
}

#endif
