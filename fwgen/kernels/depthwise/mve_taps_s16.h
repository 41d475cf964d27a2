/* What the depthwise kernel for int16 values and int8 weights has for its inner loops.
 *   output = saturate(rescaled(bias + sum input * weight))
 * Zero points are 0. Sums have 32 bits, which none leaves, and are rescaled by one instruction, as
 * mve_matrix_s16.h says.
 *
 * The image of a strip has 8 channels, 16 bytes, of each pixel, padded with 0; the columns of a row
 * are sorted by their residue modulo the stride. A product of 8 channels is two vectors of 32 bits,
 * of the even and of the odd channels; narrowing brings them together.
 *
 * The record of 8 channels: bias of the even channels, of the odd ones, multiplier of the even
 * ones, of the odd ones, 16 bytes each; per tap 8 weights; 8 bytes that are not used.
 */
#ifndef FW_MVE_TAPS_S16_H
#define FW_MVE_TAPS_S16_H

#include <stdint.h>

#include "mve_required.h"

#define FW_MVE_WINDOWS_S16_CLOBBERS                                                            \
  "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2", \
      "q3", "q4", "q5", "q6", "q7", "cc", "memory"

/* What a walk over two rows of outputs at a time is given, in the order in which it takes it. */
typedef struct {
  const int8_t* rows[4];  /* of the image */
  int32_t columns;        /* of outputs */
  int32_t skip, out_skip; /* bytes from the end of a row to the next but one, image and outputs */
  int16_t *out0, *out1;   /* the same if there is one row only */
  int32_t step;           /* bytes from an output to the next */
  int32_t pairs;          /* of rows */
  const int8_t* record;   /* 32 bytes into it */
} fw_mve_windows_s16_walk;

/* A row of `pixels` outputs of any windows, two at a time; an odd last one with the one before it
 * again. `taps` says where the inputs of each tap are, in bytes after an output's first one, and
 * has one element more. A lone output has a neighbour that is overwritten. */
static inline void fw_mve_taps_s16_row(const int8_t* x, const int8_t* record, const int32_t* taps,
                                       int32_t count, int32_t pixels, int32_t lanes, int8_t* out,
                                       int32_t step) {
  const int32_t last = pixels > 1 ? 16 * (pixels - 2) : 0; /* of the image */
  if (pixels == 1) step = 0;
  for (int32_t i = 0; i < pixels; i += 2) {
    const int32_t at = 16 * i < last ? 16 * i : last;
    const int8_t *x0 = x + at, *w = record + 64;
    const int32_t* tap = taps;
    int8_t* const to = out + (at >> 4) * step;
    int32_t offset;
    __asm__ volatile(
        "ldr %[offset], [%[tap]], #4\n"
        "vldrw.u32 q0, [%[record]]\n"
        "add %[x0], %[x], %[offset]\n"
        "vldrw.u32 q1, [%[record], #16]\n"
        "dls lr, %[count]\n"
        "vldrw.u32 q2, [%[record]]\n"
        "vldrb.s16 q4, [%[w]], #8\n"
        "vldrw.u32 q3, [%[record], #16]\n"
        "vldrh.u16 q5, [%[x0]]\n"
        "1:\n"
        "vmullb.s16 q6, q5, q4\n"
        "vldrh.u16 q7, [%[x0], #16]\n"
        "vmullt.s16 q5, q5, q4\n"
        "ldr %[offset], [%[tap]], #4\n"
        "vadd.i32 q0, q0, q6\n"
        "vmullb.s16 q6, q7, q4\n"
        "add %[x0], %[x], %[offset]\n"
        "vadd.i32 q1, q1, q5\n"
        "vmullt.s16 q7, q7, q4\n"
        "vldrb.s16 q4, [%[w]], #8\n"
        "vadd.i32 q2, q2, q6\n"
        "vldrh.u16 q5, [%[x0]]\n"
        "vadd.i32 q3, q3, q7\n"
        "le lr, 1b\n"
        "vldrw.u32 q4, [%[record], #32]\n"
        "vqrdmulh.s32 q0, q0, q4\n"
        "vldrw.u32 q5, [%[record], #48]\n"
        "vqrdmulh.s32 q2, q2, q4\n"
        "vqmovnb.s32 q0, q0\n"
        "vqrdmulh.s32 q1, q1, q5\n"
        "vqmovnb.s32 q2, q2\n"
        "vqrdmulh.s32 q3, q3, q5\n"
        "vqmovnt.s32 q0, q1\n"
        "vctp.16 %[lanes]\n"
        "vqmovnt.s32 q2, q3\n"
        "add %[offset], %[to], %[step]\n"
        "vpstt\n"
        "vstrht.16 q2, [%[offset]]\n"
        "vstrht.16 q0, [%[to]]\n"
        : [x0] "=&r"(x0), [w] "+l"(w), [tap] "+r"(tap), [offset] "=&r"(offset)
        : [x] "r"(x + at), [record] "h"(record), [count] "h"(count), [lanes] "h"(lanes),
          [to] "r"(to), [step] "h"(step)
        : "lr", "cc", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
  }
}

#endif
