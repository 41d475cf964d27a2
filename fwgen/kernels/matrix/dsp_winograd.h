/* Convolution of 3 x 3 with stride 1, int8, by Winograd's F(2x2, 3x3) on cores with the DSP
 * extension: 16 products for a tile of 2 x 2 outputs and an input channel, where the window of each
 * output has 9, 36 together.
 *
 * Of a tile's 4 x 4 inputs d and a channel's 3 x 3 weights g, with
 *       1  0 -1  0          2  0  0          1  1  1  0
 *   B = 0  1  1  0      G = 1  1  1      A = 0  1 -1 -1
 *       0 -1  1  0          1 -1  1
 *       0  1  0 -1          0  0  2
 *   V = B d B',  U = G g G',  and  A (U * V) A' = 4 times the tile's 2 x 2 sums of products,
 * where * goes element by element, and is summed over input channels before A. Winograd's G is
 * half of this one: with twice of it U is whole, and nothing is rounded. (Lavin, Gray: Fast
 * Algorithms for Convolutional Neural Networks, 2015, section 4.1.)
 *
 * Inputs are taken as they are, padding as the input's zero point; the bias takes the zero point
 * away. So |V| is at most 4 * 128, |U| at most 9 * 128: both are halfwords, two channels a word,
 * for SMLAD. Sums wrap on their way, which does no harm, as all that follows are additions modulo
 * 2^32: the last one is in 32 bits, as the generator has made sure.
 *
 * A sum s = 4 acc becomes an output by one SMMLA, a shift and SSAT, with e = -shift from 1 to 22:
 *   (high32(s M) + C) >> (e + 1),  C = 2^e + 1 + (zero_point << (e + 1)),
 * which rounds twice, as TFLM does; dsp_matrix.h says why, and why C is less by 2 for negative
 * sums.
 *
 * 4 tiles are multiplied at a time with pairs of output channels. They need not lie side by side.
 * Values: for each pair of input channels, of positions 4 i + j, 4 tiles: 256 bytes.
 * Weights: for each pair of output channels, from the last to the first: for each position and pair
 *   of input channels U of both, then M, C, e + 1, 4 bias of each (int32).
 * The channels of each 4 are paired as SXTB16 does it: 0 and 2, 1 and 3.
 */
#ifndef FW_DSP_WINOGRAD_H
#define FW_DSP_WINOGRAD_H

#include <stdint.h>

#include "dsp_required.h"

#define FW_WINOGRAD_PAIR_BYTES 256

/* The outputs of a tile: bytes from an even row or column to the odd one, 0 where there is none. */
typedef struct {
  int8_t* output; /* channel 0 of the first pixel */
  int32_t right, down;
} fw_winograd_tile;

/* What a kernel for 4 tiles works in. */
typedef struct {
  int32_t sums[16][8]; /* by position, tile and channel of a pair */
  fw_winograd_tile tiles[4];
} fw_winograd_work;

/* What it takes, in the order in which it loads it. */
typedef struct {
  const uint32_t* values;
  fw_winograd_work* work;
  int32_t last;        /* the even channel of the last pair */
  int32_t odd;         /* 1 where its odd channel exists, else 0 */
  int32_t value_bytes; /* of all pairs of input channels */
  const int32_t* weights;
} fw_winograd_block;

typedef void fw_winograd_products(const fw_winograd_block* block);

/* Up to 4 tiles side by side, whose values are to be computed, in the order in which it is loaded.
 * Inputs are halfwords: for each pair of channels a row of pixels. */
typedef struct {
  const uint32_t* rows[4]; /* of the first tile's inputs */
  int32_t apart;           /* bytes from a pair of channels to the next in a row */
  uint32_t* values;        /* of the first tile */
  int32_t value_bytes;     /* of all pairs of channels */
  int32_t count;
} fw_winograd_inputs_block;

typedef void fw_winograd_inputs(const fw_winograd_inputs_block* block);

#endif
