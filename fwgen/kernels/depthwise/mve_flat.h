/* Depthwise convolution by planes that hold the padded image row by row: what the kernels share
 * that differ in how they rescale. They define FW_MVE_CONVOLVE, the name of the function, and
 * include the header that defines FW_MVE_DOT before.
 *
 * Rows of the padded image share the columns of their padding. Where a window, from its first byte
 * to its last, has at most 15 bytes of such rows, one dot product is one output. So are the columns
 * of one row, also those of the padding, whose results are dropped: 8 of them in a round.
 */
#ifndef FW_MVE_FLAT_H
#define FW_MVE_FLAT_H

#include <stdint.h>

#include "mve_depthwise_flat.h"
#include "mve_planes.h"
#include "mve_transpose.h"

/* `rows` padded rows from `top` on, `lanes` channels of them, as 16-byte pixels in `image`. */
static inline void fw_mve_gather_rows(const fw_mve_depthwise_flat_params* p, const int8_t* input,
                                      int32_t lanes, int32_t top, int32_t rows, int8_t* image) {
  const int32_t end = top + rows, pitch = p->pitch * 16;
  /* rows inside the input */
  int32_t first = top < 0 ? 0 : top, last = end > p->input_h ? p->input_h : end;
  if (first >= last) first = last = end;
  if (first > top) fw_mve_fill(image, p->pad_value, (first - top) * pitch);
  if (last < end) fw_mve_fill(image + (last - top) * pitch, p->pad_value, (end - last) * pitch);
  int8_t* to = image + (first - top) * pitch + p->pad_left * 16;
  input += first * p->input_w * p->channels;
  int32_t pixels = p->input_w;
  if (p->pitch == pixels) {
    pixels *= last - first;
    if (first < last) last = first + 1;
  }
  for (int32_t r = first; r < last; r++) {
    fw_mve_gather(input, p->channels, lanes, pixels, to);
    input += p->input_w * p->channels;
    to += pitch;
  }
}

/* The planes of the padded rows from `top` on, part by part. */
static inline void fw_mve_fill_flat(const fw_mve_depthwise_flat_params* p, const int8_t* input,
                                    int32_t lanes, int32_t top, int8_t* image, int8_t* planes) {
  const int32_t plane = 4 * p->words;
  const int32_t most = p->part_h < p->rows ? p->part_h * p->pitch / 4 : p->words;
  fw_mve_transposition t;
  t.plane = plane;
  t.advance = 4;
  for (int32_t k = 0; k < 4; k++) {
    t.from[k] = image + 16 * k;
    t.step[k] = 64;
    t.to[k] = (uint32_t)(uintptr_t)planes + (uint32_t)(4 * k * plane - 4);
  }
  int32_t rows = p->rows; /* a last word may have padding of a row after them */
  for (int32_t words = p->words; words > 0; words -= most) {
    const int32_t part_h = rows < p->part_h ? rows : p->part_h;
    if (part_h > 0) fw_mve_gather_rows(p, input, lanes, top, part_h, image);
    t.count = words < most ? words : most;
    fw_mve_transpose(&t);
    for (int32_t k = 0; k < 4; k++) t.to[k] += (uint32_t)(4 * most);
    top += part_h;
    rows -= part_h;
  }
}

#endif

static inline void FW_MVE_CONVOLVE(const fw_mve_depthwise_flat_params* p, const int8_t* input,
                                   const int8_t* restrict records, const uint16_t* restrict units,
                                   int8_t* output, void* restrict scratch) {
  const int32_t plane = 4 * p->words;
  const int32_t part = p->part_h < p->rows ? p->part_h * p->pitch * 16 : 64 * p->words;
  int8_t* const planes = (int8_t*)scratch + FW_MVE_PLANES_FRONT;
  int8_t* const image = planes + 16 * plane + FW_MVE_PLANES_BACK;
  int8_t* const staging = image + part;
  const int32_t row_bytes = p->output_w * p->channels;
  fw_mve_records r;
  fw_mve_clear_records(&r);
  fw_mve_fill(image, p->pad_value, part);
  for (int32_t b = 0; b < p->batches; b++) {
    for (int32_t first = 0; first < p->channels; first += 16) {
      const int32_t left = p->channels - first;
      const int32_t lanes = left < 16 ? left : 16;
      fw_mve_expand(records, p->channels, p->taps, p->output_zero_point, first, lanes, &r);
      for (int32_t strip = 0; strip < p->output_h; strip += p->strip_h) {
        int32_t y = strip + p->strip_h > p->output_h ? p->output_h - p->strip_h : strip;
        if (p->backwards) y = p->output_h - p->strip_h - y;
        fw_mve_fill_flat(p, input + first, lanes, y - p->pad_top, image, planes);
        int8_t* out = output + y * row_bytes + first;
        int8_t* to = p->channels % 4 ? staging : out;
        for (int32_t q = 0; q < lanes; q += 4) {
          FW_MVE_DOT(&r, q, planes, plane, units, p->units, to + q);
        }
        if (to != out) {
          fw_mve_put(staging, lanes, p->strip_h * p->output_w, out, p->channels);
        }
      }
    }
    input += p->input_h * p->input_w * p->channels;
    output += p->output_h * row_bytes;
  }
}
