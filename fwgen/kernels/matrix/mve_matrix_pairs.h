/* What the matrix kernels (mve_matrix.h) that take pixels in pairs share: the words that rescale
 * and store 2 pixels x 8 channels, and the walk over the blocks.
 *
 * All pairs of pixels go through a block before the next block, so that parameters are found by
 * constant offsets from the weights. A tile is 2 pixels x 4 channels: 8 sums. While one tile is
 * multiplied, the sums of the tile before it, moved to q3 (pixel 0) and q4 (pixel 1), are rescaled
 * between its multiplications; in tile A, which follows tile B of the pair before it, the 2 x 8
 * outputs of that pair are narrowed and stored as well. The first pass, before which there is no
 * pair, stores what it finds in the registers where the second pass stores results: r11, the
 * distance of the outputs of two pixels, is 0 until then. The order of the words in a tile comes
 * from a search for the least cycles; it is free as far as registers allow.
 *
 * Of 16 outputs: 8 moves of sums, 6 loads of parameters, 18 instructions to rescale (26 if FW_AWAY:
 * with the rounding fix-up, which an output that is clamped at its zero point does not need), 9 to
 * narrow and store. Multiplications: see the kernels.
 *
 * In all kernels q5 holds parameters, q6 and q7 the results of tile A in the lower halves of lanes,
 * then also those of tile B in the upper ones: channels in their order. r5 points to the outputs.
 */
#include <stdint.h>

#include "mve_matrix.h"
#include "mve_requantize.h"

/* clang-format off */
/* The bias of a word that also holds the shift. */
#define BSH FW_MVE_BIAS("q5", "q5")
#define ADD0 "vadd.i32 q3, q3, q5\n"
#define ADD1 "vadd.i32 q4, q4, q5\n"
#define MUL0 FW_MVE_SCALE("q3", "q5")
#define MUL1 FW_MVE_SCALE("q4", "q5")
#if FW_AWAY
#define SGN0 FW_MVE_SIGN("q5", "q3")
#define LES0 FW_MVE_LESS("q3", "q5")
#define SGN1 FW_MVE_SIGN("q5", "q4")
#define LES1 FW_MVE_LESS("q4", "q5")
#else
#define SGN0
#define LES0
#define SGN1
#define LES1
#endif
#define SHL0 FW_MVE_SHIFT("q3", "q5")
#define SHL1 FW_MVE_SHIFT("q4", "q5")
#define HB0 FW_MVE_HALF_B("q6", "q3")
#define HB1 FW_MVE_HALF_B("q7", "q4")
#define HT0 FW_MVE_HALF_T("q6", "q3")
#define HT1 FW_MVE_HALF_T("q7", "q4")
#define ZERO "vldrw.32 q5, [sp]\n"
#define Z0 "vqadd.s16 q6, q6, q5\n"
#define Z1 "vqadd.s16 q7, q7, q5\n"
#define N0 FW_MVE_BYTE_B("q6", "q6")
#define N1 FW_MVE_BYTE_B("q7", "q7")
#define ST0 "vstrb.16 q6, [r5]\n"
#define ST1 "vstrb.16 q7, [r5]\n"
#define O "add r5, r5, r11\n"
/* clang-format on */

/* Registers from a fw_matrix_block at r0; what does not fit in them is on the stack, first the zero
 * point 8 times. LEAVE drops it. */
#define ENTER                                     \
  "ldm r0!, {r1, r3, r5, r9}\n"                   \
  "ldm r0, {r2, r4, r6, r8, r10, r11, r12, lr}\n" \
  "push {r2, r4, r6, r8, r10, r11, r12, lr}\n"    \
  "vdup.16 q5, lr\n"                              \
  "vpush {d10, d11}\n"                            \
  "mov r11, #0\n"
#define FW_ADVANCE "[sp, #16]"
#define FW_PITCH "[sp, #24]"
#define FW_OUT "[sp, #28]"
#define FW_COUNT "[sp, #32]"
#define FW_REWIND "[sp, #36]"
#define FW_BYTES "[sp, #40]"
#define LEAVE "add sp, sp, #48\n"
#define FW_CLOBBERS                                                                            \
  "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2", \
      "q3", "q4", "q5", "q6", "q7", "cc", "memory"

#ifndef FW_MVE_MATRIX_PAIRS_H
#define FW_MVE_MATRIX_PAIRS_H

/* What a block is given, in the order in which ENTER takes it. */
typedef struct {
  const int32_t* weights; /* 4 words before the block */
  const int8_t* input0;
  int8_t* out;
  const int8_t* input1;
  int32_t
      advance; /* from the inputs of a pair, as tile B leaves their pointers, to the next pair */
  const int8_t* end; /* of the inputs of pixels 0 */
  int32_t pitch;
  int8_t* out_in_memory;
  int32_t count;  /* of vectors beyond FW_STEPS, or pairs beyond the first: see the kernels */
  int32_t rewind; /* what a tile has moved the pointers to the inputs by in its end */
  int32_t bytes;  /* of a block */
  int32_t zero_point;
} fw_matrix_block;

/* `count` is even and at least 2. `steps` and `more` are the kernel's FW_STEPS and FW_MORE, `walk`
 * its FW_WALK. */
static inline void fw_matrix_pairs(const fw_matrix_params* p, const int8_t* input, int32_t first,
                                   int32_t count, const int32_t* weights, int8_t* output,
                                   int32_t steps, int32_t more,
                                   void (*walk)(const fw_matrix_block*)) {
  const int32_t ahead = steps > 8 ? 16 : 0; /* where pointers to inputs point to */
  const int32_t vectors = more ? (p->depth + 15) >> 4 : steps;
  const int32_t rewind = more ? 16 * (vectors - 1) : 0;
  const int8_t* const start = input + first * p->input_pitch + ahead;
  int8_t* const out = output + first * p->output_pitch;
  fw_matrix_block block = {
      .weights = weights - 4,
      .advance = 2 * p->input_pitch - rewind,
      .end = start + count * p->input_pitch,
      .pitch = p->output_pitch,
      .count = steps == 1 ? (count >> 1) - 1 : vectors - steps,
      .rewind = rewind,
      .bytes = 2 * (32 + 64 * vectors),
      .zero_point = p->zero_point,
  };
  for (int32_t channel = (p->channels - 1) & ~7; channel >= 0; channel -= 8) {
    block.input0 = start;
    block.input1 = start + p->input_pitch;
    block.out = block.out_in_memory = out + channel;
    walk(&block);
    block.weights += block.bytes >> 2;
  }
}

#endif
