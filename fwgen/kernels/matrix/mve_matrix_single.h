/* The walk of one pixel through all blocks, for an even number of whole vectors of inputs, 8 or
 * more. Arithmetic: mve_matrix.h.
 *
 * Blocks are in ascending order. First come the parameters of the last block, then for each block
 * its weights and, but for the last, its parameters: those of tile A, then those of B. Weights are
 * for each vector of inputs 16 bytes of the channels of A, then of B. Where one multiplier and one
 * shift serve all channels, they stay in memory, and parameters are only biases.
 *
 * Each weight is used once: 9 loads and 8 multiply-accumulates for 16 inputs and 8 channels, 18
 * cycles or 7.1 MAC a cycle, as a load takes its unit 2 cycles. While a block is multiplied, the
 * sums of the block before it are rescaled and stored; the first pass, before which there is none,
 * stores what it finds where it does not matter.
 *
 * The walks are generated: listings/matrix_single.listing has them in their natural order.
 */
#ifndef FW_MVE_MATRIX_SINGLE_H
#define FW_MVE_MATRIX_SINGLE_H

#include <stdint.h>

#include "mve_matrix.h"

#define FW_MATRIX_SINGLE_CLOBBERS                                                              \
  "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2", \
      "q3", "q4", "q5", "q6", "q7", "cc", "memory"

/* What a walk is given, in the order in which it takes it. */
typedef struct {
  const int32_t* weights; /* 16 bytes before a block's parameters */
  int8_t* output;
  int32_t left; /* outputs, and 8 */
  int8_t* nowhere;
  int32_t loops; /* of 2 vectors beyond 8 */
  const int8_t* input;
  const int32_t* last; /* 16 bytes before the last block's parameters */
  int32_t zero_point, multiplier, shift;
} fw_matrix_pixel;

/* If `uniform`, the multiplier and the shift of all channels come before the blocks. */
static inline void fw_matrix_singles(const fw_matrix_params* p, const int8_t* input, int32_t first,
                                     int32_t count, const int32_t* weights, int8_t* output,
                                     int32_t uniform, void (*walk)(const fw_matrix_pixel*)) {
  int8_t nowhere[8];
  const int32_t* const blocks = uniform ? weights + 2 : weights;
  fw_matrix_pixel pixel = {
      .weights = blocks - 4,
      .left = p->channels + 8,
      .nowhere = nowhere,
      .loops = (p->depth >> 5) - 4,
      .last = blocks - 4,
      .zero_point = p->zero_point,
      .multiplier = uniform ? weights[0] : 0,
      .shift = uniform ? weights[1] : 0,
  };
  for (int32_t i = first; i < first + count; i++) {
    pixel.input = input + i * p->input_pitch;
    pixel.output = output + i * p->output_pitch;
    walk(&pixel);
  }
}

#endif
