/* Depthwise convolution by planes that hold the padded image row by row: what the kernels share
 * that differ in how they rescale. It comes after the header that has fw_mve_dot.
 *
 * Rows of the padded image share the columns of their padding. Where a window, from its first byte
 * to its last, has at most 15 bytes of such rows, one dot product is one output. So are the columns
 * of one row, also those of the padding, whose results are dropped: 8 of them in a round.
 */
#ifndef FW_MVE_FLAT_H
#define FW_MVE_FLAT_H

#include <stdint.h>

#include "mve_depthwise_flat.h"
#include "mve_transpose.h"

/* The padded rows from `top` on, `lanes` channels of them, as 16-byte pixels in `image`. */
static inline void fw_mve_gather_rows(const fw_mve_depthwise_flat_params* p, const int8_t* input,
                                      int32_t lanes, int32_t top, int8_t* image) {
  const int32_t end = top + p->rows, padding = p->pitch - p->input_w;
  const int32_t first = top < 0 ? 0 : top, last = end > p->input_h ? p->input_h : end;
  const int32_t pitch = p->pitch * 16;
  if (first > top) fw_mve_fill(image, p->pad_value, (first - top) * pitch);
  if (last < end) fw_mve_fill(image + (last - top) * pitch, p->pad_value, (end - last) * pitch);
  int8_t* to = image + (first - top) * pitch + p->pad_left * 16;
  input += first * p->input_w * p->channels;
  if (padding == 0) {
    fw_mve_gather(input, p->channels, lanes, (last - first) * p->input_w, to);
  } else {
    for (int32_t r = first; r < last; r++) {
      fw_mve_gather(input, p->channels, lanes, p->input_w, to);
      input += p->input_w * p->channels;
      to += pitch;
    }
  }
}

static inline void fw_mve_convolve_flat(const fw_mve_depthwise_flat_params* p,
                                        const int8_t* restrict input,
                                        const int8_t* restrict records,
                                        const uint16_t* restrict units, int8_t* restrict output,
                                        void* restrict scratch) {
  int8_t* const planes = (int8_t*)scratch + FW_MVE_PLANES_FRONT;
  int8_t* const image = (int8_t*)scratch + FW_MVE_PLANES_BYTES;
  int8_t* const staging = image + (p->positions + 4) * 16;
  const int32_t row_bytes = p->output_w * p->channels;
  uint32_t base[4];
  for (uint32_t i = 0; i < 4; i++) {
    base[i] = (uint32_t)(uintptr_t)planes + 4 * i * FW_MVE_PLANE_BYTES - 4;
  }
  fw_mve_records r;
  fw_mve_clear_records(&r);
  fw_mve_fill(image, p->pad_value, (p->positions + 4) * 16);
  for (int32_t b = 0; b < p->batches; b++) {
    for (int32_t first = 0; first < p->channels; first += 16) {
      const int32_t left = p->channels - first;
      const int32_t lanes = left < 16 ? left : 16;
      fw_mve_expand(records, p->channels, p->taps, p->output_zero_point, first, lanes, &r);
      for (int32_t strip = 0; strip < p->output_h; strip += p->strip_h) {
        const int32_t y = strip + p->strip_h > p->output_h ? p->output_h - p->strip_h : strip;
        fw_mve_gather_rows(p, input + first, lanes, y - p->pad_top, image);
        fw_mve_transpose(image, image + 16, image + 32, image + 48, base, 4,
                         (p->positions + 3) / 4);
        int8_t* out = output + y * row_bytes + first;
        int8_t* to = p->channels % 4 ? staging : out;
        for (int32_t q = 0; q < lanes; q += 4) {
          fw_mve_dot(r.windows + q * FW_MVE_WINDOW, planes + q * FW_MVE_PLANE_BYTES, units,
                     p->units, to + q);
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

#endif
