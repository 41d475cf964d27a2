/* Depthwise convolution by planes of four rows, for 16 channels at a time, or 8. What multiplies is
 * passed: one output row of four input rows, or two.
 *
 * Transposing makes each column of four input rows, 16 channels (or 8) of them, a word of a plane;
 * rows and columns of the padding are read from a pixel of it. A window is then up to four
 * consecutive words; the upper of two outputs multiplies them with {w0, w1, w2, 0} per column, the
 * lower one with {0, w0, w1, w2}.
 */
#if defined(__GNUC__) && !defined(__clang__)
/* Its C runs for every strip: 40,000 of 1.4 million cycles of a model, for 136 bytes. */
#pragma GCC optimize("O2")
#endif

#include "depthwise_rows_s8_mve.h"

#include "mve_transpose.h"

typedef struct {
  const fw_depthwise_rows_s8_mve_params* p;
  const int8_t* input; /* the first of the channels */
  int8_t* planes;
  int32_t lanes; /* channels, at most p->lanes */
  int8_t pad[16];
  fw_mve_records records;
} state;

/* `words` words of each plane from the word `start` on, from the pixels in `t`. */
static void put_words(const state* r, fw_mve_transposition* t, int32_t start, int32_t words) {
  const uint32_t first = (uint32_t)(uintptr_t)r->planes + (uint32_t)(4 * start - t->advance);
  /* 8 channels: bytes 8 to 15 are a second pixel's */
  const uint32_t four = (uint32_t)(4 * t->plane), eight = r->p->lanes == 16 ? 2 * four : 4;
  t->to[0] = first;
  t->to[1] = first + four;
  t->to[2] = first + eight;
  t->to[3] = first + four + eight;
  t->count = (words * r->p->lanes + 15) / 16;
  fw_mve_transpose(t);
}

/* The same, from the padding. */
static void put_padding_words(const state* r, fw_mve_transposition* t, int32_t start,
                              int32_t words) {
  for (int32_t k = 0; k < 4; k++) {
    t->from[k] = r->pad;
    t->step[k] = 0;
  }
  put_words(r, t, start, words);
}

/* The planes of `strip_h` output rows from `y` on, columns of the padded image from `x` on. */
static void fill_planes(const state* r, int32_t y, int32_t x) {
  const fw_depthwise_rows_s8_mve_params* p = r->p;
  const int32_t row_bytes = p->input_w * p->channels;
  const int32_t before = x < p->pad_left ? p->pad_left - x : 0;
  const int32_t past = x + p->strip_words - p->pad_left - p->input_w;
  const int32_t after = past > 0 ? past : 0;
  const int8_t* const column = r->input + (x + before - p->pad_left) * p->channels;
  /* the padding of full rows is there; an odd number of 8-channel pixels overwrites a word */
  const int32_t bordered = p->strip_w < p->output_w || p->lanes == 8;
  fw_mve_transposition t;
  t.plane = 4 * p->words;
  t.advance = 64 / p->lanes;
  int32_t at = 0;
  for (int32_t i = 0; i < p->strip_h; i += p->out_rows, at += p->pitch) {
    if (bordered && before > 0) put_padding_words(r, &t, at, before);
    int32_t row = (y + i) * p->stride_h - p->pad_top;
    for (int32_t k = 0; k < 4; k++, row++) {
      const int32_t inside = row >= 0 && row < p->input_h;
      t.from[k] = inside ? column + row * row_bytes : r->pad;
      t.step[k] = inside ? p->channels * 16 / p->lanes : 0;
    }
    put_words(r, &t, at + before, p->strip_words - before - after);
    if (bordered && after > 0) put_padding_words(r, &t, at + p->strip_words - after, after);
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
  int8_t* const staging = r->planes + p->lanes * 4 * p->words + FW_MVE_PLANES_BACK;
  for (int32_t strip_y = 0; strip_y < p->output_h; strip_y += p->strip_h) {
    int32_t y = strip_y + p->strip_h > p->output_h ? p->output_h - p->strip_h : strip_y;
    if (p->backwards) y = p->output_h - p->strip_h - y;
    for (int32_t strip_x = 0; strip_x < p->output_w; strip_x += p->strip_w) {
      int32_t x = strip_x + p->strip_w > p->output_w ? p->output_w - p->strip_w : strip_x;
      if (p->backwards) x = p->output_w - p->strip_w - x;
      fill_planes(r, y, x * p->stride_w);
      int8_t* out = output + (y * p->output_w + x) * p->channels;
      int8_t* to = p->channels % 4 ? staging : out;
      dot(&r->records, r->planes, 4 * p->words, units, p->units, r->lanes, to);
      if (to != out) put_rows(r, to, y, out);
    }
  }
}

void fw_depthwise_rows_s8_mve(const fw_depthwise_rows_s8_mve_params* p, const int8_t* input,
                              const int8_t* restrict records, const uint16_t* restrict units,
                              fw_depthwise_dot* dot, int8_t* output, uint8_t* restrict scratch) {
  state r;
  r.p = p;
  r.planes = (int8_t*)scratch + FW_MVE_PLANES_FRONT;
  fw_mve_clear_records(&r.records);
  fw_mve_fill(r.pad, p->pad_value, 16);
  fw_mve_fill(r.planes, p->pad_value, p->lanes * 4 * p->words);
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
