/* Blocks of 8 channels, strip by strip: the inputs of a strip are gathered in scratch, where those
 * of all windows are at constant offsets. Windows of 3 x 3 that fill their blocks have a loop of
 * their own, two rows at a time; others take 13 cycles for a tap of two outputs.
 */
#include "depthwise_s16_mve.h"

#include "mve_pairs.h"
#include "mve_windows_s16.h"

/* The inputs of 8 channels from row `top` on, of columns that are not sorted: 4 cycles a pixel. */
static void gather_rows(const fw_depthwise_pairs_s8_mve_params* p, const int8_t* input,
                        int32_t channels, int32_t top, int8_t* image) {
  const int32_t row_bytes = p->phase_pixels * 16, bottom = top + p->rows;
  const int32_t first = top < 0 ? 0 : top, end = bottom < p->input_h ? bottom : p->input_h;
  int32_t rows = end > first ? end - first : 0;
  const int32_t before = rows > 0 ? first - top : p->rows;
  fw_mve_fill(image, 0, before * row_bytes);
  fw_mve_fill(image + (before + rows) * row_bytes, 0, (p->rows - before - rows) * row_bytes);
  if (rows == 0) return;
  const int8_t* from = input + first * p->input_w * channels;
  int8_t* to = image + before * row_bytes + p->pad_left * 16;
  __asm__ volatile(
      "1:\n"
      "dls lr, %[width]\n"
      "2:\n"
      "vldrb.u8 q0, [%[from]]\n"
      "add %[from], %[from], %[channels]\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "le lr, 2b\n"
      "add %[to], %[to], %[gap]\n"
      "subs %[rows], %[rows], #1\n"
      "bne 1b\n"
      : [from] "+r"(from), [to] "+r"(to), [rows] "+r"(rows)
      : [width] "r"(p->input_w), [channels] "r"(channels), [gap] "r"(row_bytes - 16 * p->input_w)
      : "lr", "cc", "q0", "memory");
}

/* An odd last row is computed with the one before it again. */
static void square_strip(const fw_depthwise_pairs_s8_mve_params* p, const int8_t* image,
                         const int8_t* record, int8_t* out) {
  const int32_t row_bytes = p->phase_pixels * 16, out_bytes = p->output_w * p->channels;
  for (int32_t first = 0, pairs; first < p->strip_h; first += 2 * pairs) {
    const int32_t left = p->strip_h - first;
    const int32_t row = left > 1 || first == 0 ? first : first - 1;
    const int8_t* const from = image + row * row_bytes;
    int16_t* const to = (int16_t*)(void*)(out + row * out_bytes);
    pairs = left > 1 ? left >> 1 : 1;
    const fw_mve_windows_s16_walk walk = {
        .rows = {from, from + row_bytes, from + 2 * row_bytes, from + 3 * row_bytes},
        .columns = p->output_w,
        .skip = 2 * row_bytes - 16 * p->output_w,
        .out_skip = out_bytes,
        .out0 = to,
        .out1 = p->strip_h > 1 ? to + (out_bytes >> 1) : to,
        .step = p->channels,
        .pairs = pairs,
        .record = record + 32,
    };
    fw_mve_windows_s16(&walk);
  }
}

void fw_depthwise_s16_mve(const fw_depthwise_s16_mve_params* params, const int16_t* input,
                          const int8_t* restrict records, const int32_t* restrict taps,
                          int16_t* output, void* restrict scratch) {
  const fw_depthwise_pairs_s8_mve_params* const p = &params->image;
  const int32_t row_bytes = p->stride_w * p->phase_pixels * 16, multiplier = params->multiplier;
  const int32_t inputs = p->channels / multiplier;
  const int8_t* in = (const int8_t*)input;
  int8_t *to = (int8_t*)output, *const image = scratch;
  uint8_t offsets[16];
  fw_mve_fill(image, 0, (p->rows + 1) * row_bytes);
  for (int32_t b = 0; b < p->batches; b++) {
    const int8_t* record = records;
    for (int32_t c = 0; c < p->channels; c += 16, record += p->record_bytes) {
      const int32_t bytes = p->channels - c < 16 ? p->channels - c : 16;
      const int32_t first = c / 2 / multiplier * 2;
      for (int32_t i = 0; i < 16; i++) {
        offsets[i] = (uint8_t)((c + i) / 2 / multiplier * 2 - first + i % 2);
      }
      for (int32_t strip = 0; strip < p->output_h; strip += p->strip_h) {
        int32_t y = strip + p->strip_h > p->output_h ? p->output_h - p->strip_h : strip;
        if (p->backwards) y = p->output_h - p->strip_h - y;
        const int32_t top = y * p->stride_h - p->pad_top;
        if (bytes == 16 && multiplier == 1 && p->stride_w == 1) {
          gather_rows(p, in + c, inputs, top, image);
        } else {
          fw_mve_pairs_gather(p, in + first, inputs, bytes, multiplier > 1 ? offsets : 0, top,
                              image);
        }
        int8_t* const out = to + y * p->output_w * p->channels + c;
        if (params->square && bytes == 16) {
          square_strip(p, image, record, out);
          continue;
        }
        for (int32_t i = 0; i < p->strip_h; i++) {
          fw_mve_taps_s16_row(image + i * p->stride_h * row_bytes, record, taps, p->pairs,
                              p->output_w, bytes >> 1, out + i * p->output_w * p->channels,
                              p->channels);
        }
      }
    }
    in += p->input_h * p->input_w * inputs;
    to += p->output_h * p->output_w * p->channels;
  }
}
