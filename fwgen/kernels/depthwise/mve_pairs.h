/* As the reference kernel, with an input image of 16 channels whose padding holds the zero point,
 * so that the bias has all of the zero point in it. Two taps at a time: their products of 8 by 8
 * bits add up in 16 bits, because two products are at most 2 * 127 * 128, or 127 * 128 + 128 * 128
 * with a weight of -128, of which no pair has two. The sums are widened and added to four vectors
 * of 32 bits: even channels, of which even and odd ones, and odd channels in the same way;
 * parameters are packed in this order, and narrowing brings the channels back into theirs.
 *
 * The columns of a row of the image are sorted by their residue modulo the stride: outputs side by
 * side read pixels side by side.
 *
 * A pair takes 5 vector loads (the second input twice, as registers run out), 4 multiplications, 2
 * additions, 4 widenings and 4 additions, of which the multiplier does two: 23 cycles for 32
 * products. The rest of an output takes 57 cycles per 16 channels. Rounding as mve_requantize.h
 * says, with the fix-up; shifts are at most -1.
 */
#ifndef FW_MVE_PAIRS_H
#define FW_MVE_PAIRS_H

#include "depthwise_pairs_s8_mve.h"
#include "mve_copy.h"

/* clang-format off */
/* The sums of 16 channels of an output in q0 to q3: the first part of the loop over outputs. q5 and
 * q6 hold the next input and weights. */
#define FW_MVE_PAIRS_SUMS \
  "vctp.8 %[x0]\n" \
  "1:\n" \
  "ldrd %[x0], %[x1], [%[taps]]\n" \
  "vldrw.u32 q6, [%[record], #208]\n" \
  "add %[x0], %[x0], %[x]\n" \
  "add %[x1], %[x1], %[x]\n" \
  "vldrb.u8 q5, [%[x0]]\n" \
  "add %[w], %[record], #224\n" \
  "vldrw.u32 q0, [%[record]]\n" \
  "add %[tap], %[taps], #8\n" \
  "vldrw.u32 q1, [%[record], #16]\n" \
  "vldrw.u32 q2, [%[record], #32]\n" \
  "vldrw.u32 q3, [%[record], #48]\n" \
  "dls lr, %[pairs]\n" \
  "2:\n" \
  "vmullb.s8 q4, q5, q6\n" \
  "vldrw.u32 q7, [%[w]], #16\n" \
  "vmullt.s8 q5, q5, q6\n" \
  "vldrb.u8 q6, [%[x1]]\n" \
  "vmullb.s8 q6, q6, q7\n" \
  "vadd.i16 q4, q4, q6\n" \
  "vldrb.u8 q6, [%[x1]]\n" \
  "vmullt.s8 q6, q6, q7\n" \
  "ldrd %[x0], %[x1], [%[tap]], #8\n" \
  "vadd.i16 q5, q5, q6\n" \
  "add %[x0], %[x0], %[x]\n" \
  "vmovlb.s16 q7, q5\n" \
  "add %[x1], %[x1], %[x]\n" \
  "vmovlt.s16 q5, q5\n" \
  "vmla.s32 q3, q5, %[one]\n" \
  "vmovlb.s16 q6, q4\n" \
  "vldrb.u8 q5, [%[x0]]\n" \
  "vadd.i32 q0, q0, q6\n" \
  "vldrw.u32 q6, [%[w]], #16\n" \
  "vmovlt.s16 q4, q4\n" \
  "vmla.s32 q1, q4, %[one]\n" \
  "vadd.i32 q2, q2, q7\n" \
  "le lr, 2b\n"

/* What the two rows below have for operands. */
#define FW_MVE_PAIRS_OPERANDS \
  : [x] "+r"(x), [out] "+r"(out), [pixels] "+h"(pixels), [x0] "+&r"(x0), [x1] "=&r"(x1), \
    [w] "=&r"(w), [tap] "=&r"(tap) \
  : [record] "r"(record), [taps] "h"(taps), [pairs] "h"(pairs), [step] "h"(step), [one] "h"(one) \
  : "lr", "cc", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory"

/* A record: bias, multiplier and shift of the channels {0, 4, 8, 12}, {2, ...}, {1, ...}, {3, ...}
 * as 32-bit numbers, 8 times the output zero point as 16-bit ones, weights of 16 channels per tap,
 * 16 bytes that are not used. */
static inline void fw_mve_pairs_row(const int8_t* x, const int8_t* record, const int32_t* taps,
                                    int32_t pairs, int32_t pixels, int32_t lanes, int8_t* out,
                                    int32_t step) {
  const int8_t *x1, *w;
  int32_t x0 = lanes;
  const int32_t* tap;
  int32_t one = 1;
  __asm__ volatile(
      FW_MVE_PAIRS_SUMS
      "vldrw.u32 q4, [%[record], #64]\n"
      "vqrdmulh.s32 q0, q0, q4\n"
      "vldrw.u32 q5, [%[record], #80]\n"
      "vqdmlah.s32 q0, q0, %[one]\n"
      "vldrw.u32 q6, [%[record], #96]\n"
      "vqrdmulh.s32 q1, q1, q5\n"
      "vldrw.u32 q4, [%[record], #128]\n"
      "vrshl.s32 q0, q0, q4\n"
      "vqrdmulh.s32 q2, q2, q6\n"
      "vldrw.u32 q7, [%[record], #112]\n"
      "vqmovnb.s32 q0, q0\n"
      "vqdmlah.s32 q1, q1, %[one]\n"
      "vldrw.u32 q6, [%[record], #160]\n"
      "vqdmlah.s32 q2, q2, %[one]\n"
      "vldrw.u32 q5, [%[record], #144]\n"
      "vqrdmulh.s32 q3, q3, q7\n"
      "vrshl.s32 q2, q2, q6\n"
      "vldrw.u32 q7, [%[record], #176]\n"
      "vqmovnb.s32 q2, q2\n"
      "vqdmlah.s32 q3, q3, %[one]\n"
      "vrshl.s32 q1, q1, q5\n"
      "add %[x], %[x], #16\n"
      "vqmovnt.s32 q0, q1\n"
      "vrshl.s32 q3, q3, q7\n"
      "vldrw.u32 q4, [%[record], #192]\n"
      "vqadd.s16 q0, q0, q4\n"
      "vqmovnt.s32 q2, q3\n"
      "vqmovnb.s16 q0, q0\n"
      "vqadd.s16 q2, q2, q4\n"
      "vqmovnt.s16 q0, q2\n"
      "vpst\n"
      "vstrbt.8 q0, [%[out]]\n"
      "add %[out], %[out], %[step]\n"
      "subs %[pixels], %[pixels], #1\n"
      "bne 1b\n"
      FW_MVE_PAIRS_OPERANDS);
}

/* The same for scales of any size. Before the record are shifts to the left, 0 or more, of the
 * same channels; they come before the multiplication and do not saturate, as in the reference.
 * Shifts of the record are 0 or less; where one is 0, there is nothing to round. 32 cycles more. */
static inline void fw_mve_pairs_row_any(const int8_t* x, const int8_t* record, const int32_t* taps,
                                        int32_t pairs, int32_t pixels, int32_t lanes, int8_t* out,
                                        int32_t step) {
  const int8_t *x1, *w;
  int32_t x0 = lanes;
  const int32_t* tap;
  int32_t one = 1;
  __asm__ volatile(
      FW_MVE_PAIRS_SUMS
      "vldrw.u32 q4, [%[record], #-64]\n"
      "vldrw.u32 q5, [%[record], #64]\n"
      "vshl.s32 q0, q0, q4\n"
      "vldrw.u32 q6, [%[record], #128]\n"
      "vqrdmulh.s32 q0, q0, q5\n"
      "vshr.s32 q7, q6, #31\n"
      "vshr.s32 q5, q0, #31\n"
      "vand q7, q7, q5\n"
      "vadd.i32 q0, q0, q7\n"
      "vrshl.s32 q0, q0, q6\n"
      "vldrw.u32 q4, [%[record], #-48]\n"
      "vldrw.u32 q5, [%[record], #80]\n"
      "vshl.s32 q1, q1, q4\n"
      "vldrw.u32 q6, [%[record], #144]\n"
      "vqrdmulh.s32 q1, q1, q5\n"
      "vshr.s32 q7, q6, #31\n"
      "vshr.s32 q5, q1, #31\n"
      "vand q7, q7, q5\n"
      "vadd.i32 q1, q1, q7\n"
      "vrshl.s32 q1, q1, q6\n"
      "vldrw.u32 q4, [%[record], #-32]\n"
      "vldrw.u32 q5, [%[record], #96]\n"
      "vshl.s32 q2, q2, q4\n"
      "vldrw.u32 q6, [%[record], #160]\n"
      "vqrdmulh.s32 q2, q2, q5\n"
      "vshr.s32 q7, q6, #31\n"
      "vshr.s32 q5, q2, #31\n"
      "vand q7, q7, q5\n"
      "vadd.i32 q2, q2, q7\n"
      "vrshl.s32 q2, q2, q6\n"
      "vldrw.u32 q4, [%[record], #-16]\n"
      "vldrw.u32 q5, [%[record], #112]\n"
      "vshl.s32 q3, q3, q4\n"
      "vldrw.u32 q6, [%[record], #176]\n"
      "vqrdmulh.s32 q3, q3, q5\n"
      "vshr.s32 q7, q6, #31\n"
      "vshr.s32 q5, q3, #31\n"
      "vand q7, q7, q5\n"
      "vadd.i32 q3, q3, q7\n"
      "vrshl.s32 q3, q3, q6\n"
      "vqmovnb.s32 q0, q0\n"
      "vldrw.u32 q4, [%[record], #192]\n"
      "vqmovnb.s32 q2, q2\n"
      "add %[x], %[x], #16\n"
      "vqmovnt.s32 q0, q1\n"
      "vqmovnt.s32 q2, q3\n"
      "vqadd.s16 q0, q0, q4\n"
      "vqadd.s16 q2, q2, q4\n"
      "vqmovnb.s16 q0, q0\n"
      "vqmovnt.s16 q0, q2\n"
      "vpst\n"
      "vstrbt.8 q0, [%[out]]\n"
      "add %[out], %[out], %[step]\n"
      "subs %[pixels], %[pixels], #1\n"
      "bne 1b\n"
      FW_MVE_PAIRS_OPERANDS);
}
/* clang-format on */

/* As fw_mve_gather, of bytes at `offsets` in each pixel. 20 cycles a pixel. */
static inline void fw_mve_gather_bytes(const int8_t* from, int32_t step, const uint8_t* offsets,
                                       int32_t channels, int32_t pixels, int8_t* to) {
  __asm__ volatile(
      "vldrb.u8 q1, [%[offsets]]\n"
      "vctp.8 %[channels]\n"
      "dls lr, %[pixels]\n"
      "1:\n"
      "vpst\n"
      "vldrbt.u8 q0, [%[from], q1]\n"
      "add %[from], %[from], %[step]\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "le lr, 1b\n"
      : [from] "+r"(from), [to] "+r"(to)
      : [step] "r"(step), [offsets] "r"(offsets), [channels] "r"(channels), [pixels] "r"(pixels)
      : "lr", "q0", "q1", "memory");
}

/* `rows` rows of the padded image from `top` on, of an input of `channels` channels: `lanes` of
 * them from the first one of `input` on, or those at `offsets`. */
static inline void fw_mve_pairs_gather(const fw_depthwise_pairs_s8_mve_params* p,
                                       const int8_t* input, int32_t channels, int32_t lanes,
                                       const uint8_t* offsets, int32_t top, int8_t* image) {
  const int32_t phase_bytes = p->phase_pixels * 16;
  for (int32_t r = top; r < top + p->rows; r++, image += p->stride_w * phase_bytes) {
    if (r < 0 || r >= p->input_h) {
      fw_mve_fill(image, p->pad_value, p->stride_w * phase_bytes);
      continue;
    }
    /* a part of the first columns begins a phase each */
    for (int32_t x = 0; x < p->stride_w && x < p->input_w; x++) {
      const int32_t column = x + p->pad_left;
      const int8_t* const from = input + (r * p->input_w + x) * channels;
      const int32_t step = p->stride_w * channels;
      const int32_t pixels = (p->input_w - x + p->stride_w - 1) / p->stride_w;
      int8_t* const to = image + column % p->stride_w * phase_bytes + column / p->stride_w * 16;
      if (offsets) {
        fw_mve_gather_bytes(from, step, offsets, lanes, pixels, to);
      } else {
        fw_mve_gather(from, step, lanes, pixels, to);
      }
    }
  }
}

/* Each input channel gives `multiplier` output channels, one after the other. If `any`, records
 * begin with shifts to the left. */
static inline void fw_mve_pairs(const fw_depthwise_pairs_s8_mve_params* p, int32_t multiplier,
                                int32_t any, const int8_t* input, const int8_t* restrict records,
                                const int32_t* restrict taps, int8_t* output, int8_t* image) {
  const int32_t row_bytes = p->stride_w * p->phase_pixels * 16;
  const int32_t inputs = p->channels / multiplier;
  uint8_t offsets[16];
  fw_mve_fill(image, p->pad_value, p->rows * row_bytes);
  for (int32_t b = 0; b < p->batches; b++) {
    const int8_t* record = records;
    for (int32_t c = 0; c < p->channels; c += 16, record += p->record_bytes) {
      const int32_t lanes = p->channels - c < 16 ? p->channels - c : 16, first = c / multiplier;
      if (multiplier > 1) {
        for (int32_t i = 0; i < 16; i++) offsets[i] = (uint8_t)((c + i) / multiplier - first);
      }
      for (int32_t strip = 0; strip < p->output_h; strip += p->strip_h) {
        int32_t y = strip + p->strip_h > p->output_h ? p->output_h - p->strip_h : strip;
        if (p->backwards) y = p->output_h - p->strip_h - y;
        fw_mve_pairs_gather(p, input + first, inputs, lanes, multiplier > 1 ? offsets : 0,
                            y * p->stride_h - p->pad_top, image);
        for (int32_t i = 0; i < p->strip_h; i++) {
          const int8_t* const x = image + i * p->stride_h * row_bytes;
          int8_t* const out = output + (y + i) * p->output_w * p->channels + c;
          if (any) {
            fw_mve_pairs_row_any(x, record + 64, taps, p->pairs, p->output_w, lanes, out,
                                 p->channels);
          } else {
            fw_mve_pairs_row(x, record, taps, p->pairs, p->output_w, lanes, out, p->channels);
          }
        }
      }
    }
    input += p->input_h * p->input_w * inputs;
    output += p->output_h * p->output_w * p->channels;
  }
}

#endif
