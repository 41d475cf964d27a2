/* Depthwise convolution by planes of four rows, for 16 channels at a time, or 8. What multiplies is
 * passed: one output row of four input rows, or two.
 *
 * The four input rows are in buffers, 16 channels (or 8) of them, with the columns of the padding
 * around. Transposing makes each column of them a word of a plane. A window is then up to four
 * consecutive words; the upper of two outputs multiplies them with {w0, w1, w2, 0} per column, the
 * lower one with {0, w0, w1, w2}.
 */
#if defined(__GNUC__) && !defined(__clang__)
/* Its C runs for every strip: 40,000 of 1.4 million cycles of a model, for 136 bytes. */
#pragma GCC optimize("O2")
#endif

#include "depthwise_rows_s8_mve.h"

#define FW_MVE_STRIDE "16"
#include "mve_transpose.h"

typedef struct {
  const fw_depthwise_rows_s8_mve_params* p;
  const int8_t* input; /* the first of the channels */
  int32_t lanes;       /* channels, at most p->lanes */
  int8_t *rows, *planes;
  int32_t next; /* of the input, buffers hold the four rows before it */
  fw_mve_records records;
} state;

/* The buffer of an input row, at a column of the padded image. */
static inline int8_t* row_at(const state* r, int32_t row, int32_t column) {
  return r->rows + (row & 3) * r->p->row_bytes + column * r->p->lanes;
}

/* Makes the four rows from `top` on available. */
static void load_rows(state* r, int32_t top) {
  const fw_depthwise_rows_s8_mve_params* p = r->p;
  if (top < r->next - 4 || top > r->next) r->next = top;
  for (; r->next < top + 4; r->next++) {
    int8_t* to = row_at(r, r->next, p->pad_left);
    const int8_t* from = r->input + r->next * p->input_w * p->channels;
    if (r->next < 0 || r->next >= p->input_h) {
      fw_mve_fill(to, p->pad_value, p->input_w * p->lanes);
    } else if (p->lanes == 16) {
      fw_mve_gather(from, p->channels, r->lanes, p->input_w, to);
    } else {
      fw_mve_copy(from, p->input_w * p->lanes, to);
    }
  }
}

/* The planes of `strip_h` output rows from `y` on, columns of the padded image from `x` on. */
static void fill_planes(state* r, int32_t y, int32_t x) {
  const fw_depthwise_rows_s8_mve_params* p = r->p;
  const int32_t advance = 64 / p->lanes;
  const uint32_t start = (uint32_t)(uintptr_t)r->planes - (uint32_t)advance;
  const uint32_t four = 4 * FW_MVE_PLANE_BYTES;
  /* 8 channels: bytes 8 to 15 are a second pixel's */
  const uint32_t eight = p->lanes == 16 ? 2 * four : 4;
  uint32_t base[4] = {start, start + four, start + eight, start + four + eight};
  for (int32_t i = 0; i < p->strip_h; i += p->out_rows) {
    const int32_t top = (y + i) * p->stride_h - p->pad_top;
    load_rows(r, top);
    fw_mve_transpose(row_at(r, top, x), row_at(r, top + 1, x), row_at(r, top + 2, x),
                     row_at(r, top + 3, x), base, advance, (p->strip_words * p->lanes + 15) / 16);
    for (int32_t k = 0; k < 4; k++) base[k] += (uint32_t)p->pitch * 4;
  }
}

/* The outputs of a strip from `staging`, where they have 16 bytes each, to the output, less a row
 * above it. */
static void put_rows(const state* r, const int8_t* staging, int32_t y, int8_t* output) {
  const fw_depthwise_rows_s8_mve_params* p = r->p;
  for (int32_t i = y < 0 ? 1 : 0; i < p->strip_h; i++) {
    fw_mve_put(staging + i * p->strip_w * 16, r->lanes, p->strip_w,
               output + i * p->output_w * p->channels, p->channels);
  }
}

/* All outputs of the channels. The last strips are moved back to end with the output. */
static void convolve(state* r, const uint16_t* units, fw_depthwise_dot* dot, int8_t* output) {
  const fw_depthwise_rows_s8_mve_params* p = r->p;
  r->next = -(1 << 30);
  for (int32_t strip_y = 0; strip_y < p->output_h; strip_y += p->strip_h) {
    const int32_t y = strip_y + p->strip_h > p->output_h ? p->output_h - p->strip_h : strip_y;
    for (int32_t strip_x = 0; strip_x < p->output_w; strip_x += p->strip_w) {
      const int32_t x = strip_x + p->strip_w > p->output_w ? p->output_w - p->strip_w : strip_x;
      fill_planes(r, y, x * p->stride_w);
      int8_t* out = output + (y * p->output_w + x) * p->channels;
      int8_t* to = p->channels % 4 ? r->rows + 4 * p->row_bytes : out;
      dot(r->records.windows, r->planes, units, p->units, r->lanes, to);
      if (to != out) put_rows(r, to, y, out);
    }
  }
}

void fw_depthwise_rows_s8_mve(const fw_depthwise_rows_s8_mve_params* p,
                              const int8_t* restrict input, const int8_t* restrict records,
                              const uint16_t* restrict units, fw_depthwise_dot* dot,
                              int8_t* restrict output, uint8_t* restrict scratch) {
  state r;
  r.p = p;
  r.planes = (int8_t*)scratch + FW_MVE_PLANES_FRONT;
  r.rows = (int8_t*)scratch + FW_MVE_PLANES_BYTES;
  fw_mve_clear_records(&r.records);
  fw_mve_fill(r.rows, p->pad_value, 4 * p->row_bytes);
  for (int32_t b = 0; b < p->batches; b++) {
    for (int32_t first = 0; first < p->channels; first += p->lanes) {
      const int32_t left = p->channels - first;
      r.input = input + first;
      r.lanes = left < p->lanes ? left : p->lanes;
      fw_mve_expand(records, p->channels, p->taps, p->output_zero_point, first, r.lanes,
                    &r.records);
      convolve(&r, units, dot, output + first);
    }
    input += p->input_h * p->input_w * p->channels;
    output += p->output_h * p->output_w * p->channels;
  }
}
