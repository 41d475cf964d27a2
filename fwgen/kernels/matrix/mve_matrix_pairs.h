/* What the matrix kernels (mve_matrix.h) that take pixels in pairs share: the walk over the blocks.
 *
 * All pairs of pixels go through a block before the next block, so that parameters are found by
 * constant offsets from the weights. A tile is 2 pixels x 4 channels: 8 sums in core registers. A
 * step takes 16 inputs of 2 pixels and 16 weights of 4 channels: 6 loads and 8
 * multiply-accumulates, which take their unit 2 cycles each: 2 of 16 cycles are free for other
 * work, 8 MAC a cycle at most. Inputs are loaded again for tile B, but where a tile is one step.
 *
 * While one tile is multiplied, the sums of the tile before it, moved to vectors, are rescaled
 * between its multiplications: a pass of the loop is the tiles A and B of a pair of pixels, the
 * rescaling of A, and that of tile B of the pair before, whose 2 x 8 outputs are stored. The first
 * pass, before which there is no pair, stores what it finds in the registers where others store
 * results: r11, the distance of the outputs of two pixels, is 0 until then. After the last pass
 * tile B's rescaling is left to do.
 *
 * Of 16 outputs: 8 moves of sums, 6 loads of parameters, 18 instructions to rescale (26 with the
 * rounding fix-up, which an output that is clamped at its zero point does not need), 9 to narrow
 * and store. Results of tile A are in the lower halves of lanes, then also those of tile B in the
 * upper ones: channels in their order.
 *
 * The walks are generated: listings/matrix_pairs.listing has them in their natural order.
 */
#ifndef FW_MVE_MATRIX_PAIRS_H
#define FW_MVE_MATRIX_PAIRS_H

#include <stdint.h>

#include "mve_matrix.h"

#define FW_MATRIX_PAIRS_CLOBBERS                                                               \
  "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2", \
      "q3", "q4", "q5", "q6", "q7", "cc", "memory"

/* What a block is given, in the order in which a walk takes it. */
typedef struct {
  const int32_t* weights; /* 32 words from the block on if 1 to 4 steps are all, else 4 before it */
  const int8_t* input0;
  int8_t* out;
  const int8_t* input1;
  int32_t
      advance; /* from the inputs of a pair, as tile B leaves their pointers, to the next pair */
  const int8_t* end; /* of the inputs of pixels 0 */
  int32_t pitch;
  int8_t* out_in_memory;
  int32_t count;  /* of steps beyond those unrolled; for 1 step, of pairs beyond the first */
  int32_t rewind; /* what a tile has moved the pointers to the inputs by in its end */
  int32_t bytes;  /* of a block */
  int32_t zero_point;
} fw_matrix_block;

/* `count` is even and at least 2. `steps` are those that the kernel's `walk` is unrolled for; if
 * `more`, it is for more than these. */
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
      .weights = weights + (more || steps > 4 ? -4 : 32),
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
