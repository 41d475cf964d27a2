/* Products of 4 pixels with 2 channels, int16 with weights of int8, on cores with the DSP
 * extension.
 *
 * The inputs of 4 pixels are in scratch, in columns of 2 inputs of each, 16 bytes: SMLAD takes them
 * as they are. 2 weights of 2 channels a and b are a word of bytes, b1 a1 b0 a0 from the highest to
 * the lowest: SXTB16 makes (a1, a0) of it, and (b1, b0) where it first rotates by 8. The generator
 * has made sure that no sum leaves 32 bits.
 *
 * Sums that are of 64 bits in the reference are rescaled with one rounding,
 *   (sum r + 2^(14 - shift)) >> (15 - shift),
 * by a multiplier r of 15 bits. SMMULR computes (sum m + 2^31) >> 32: the same for m = r 2^(17 +
 * shift), with shift from -17 to -1.
 *
 * Sums of 32 bits are rounded twice, with e = -shift from 2 to 31:
 *   (sum M + 2^30 + (2^(e - 1) - n) 2^31) >> (31 + e),
 * where n is 1 of negative sums, as the second rounding takes halves of negative numbers away from
 * 0. SMLAL adds the product to high = 2^(e - 2) - n and low = 2^30 + n 2^31, and high is shifted by
 * e - 1. A number of two nested roundings is floor((floor(x / 2^a) + b) / 2^c) = floor((x + b 2^a)
 * / 2^(a + c)).
 *
 * Weights: for each pair of channels, from the last to the first, the bias of both (int32), 2
 * weights of both for each column, then m of both (int32); by the rule of 32 bits M, 2^(e - 2) and
 * e - 1 of each. Of an odd number of channels the last pair has one that is not there. Its outputs
 * are the first channel of the next pixel, which is written after it.
 */
#ifndef FW_DSP_MATRIX_S16_H
#define FW_DSP_MATRIX_S16_H

#include <stdint.h>

#include "dsp_required.h"

#define FW_DSP_COLUMN_BYTES_S16 16

typedef struct {
  int32_t count;       /* pixels */
  int32_t depth;       /* inputs of a pixel */
  int32_t channels;    /* outputs of a pixel */
  int32_t input_pitch; /* inputs from a pixel to the next, where they are contiguous in the input */
} fw_matrix_pixels_s16_params;

/* What a kernel for 4 pixels takes, in the order in which it loads it. */
typedef struct {
  const uint32_t* columns;
  const uint32_t* whole_end; /* columns of the sixteens that are unrolled end here */
  const uint32_t* end;
  int16_t* output;      /* of the last pair of channels of the first pixel */
  int32_t output_bytes; /* from a pixel's outputs to those of the next */
  int32_t pairs;
  const int32_t* weights;
} fw_pixels_block_s16;

typedef void fw_matrix_columns_s16(const fw_pixels_block_s16* block);

/* Columns of a pixel. */
static inline int32_t fw_columns_s16(const fw_matrix_pixels_s16_params* p) {
  return (p->depth + 1) / 2;
}

/* The products of 4 pixels whose columns are there. */
static inline void fw_four_pixels_s16(const fw_matrix_pixels_s16_params* p,
                                      fw_matrix_columns_s16* kernel, const uint32_t* columns,
                                      const int32_t* weights, int16_t* output) {
  const int32_t pairs = (p->channels + 1) / 2, count = fw_columns_s16(p);
  const fw_pixels_block_s16 block = {
      .columns = columns,
      .whole_end = columns + (count & ~15) * 4,
      .end = columns + count * 4,
      .output = output + 2 * (pairs - 1),
      .output_bytes = 2 * p->channels,
      .pairs = pairs,
      .weights = weights,
  };
  kernel(&block);
}

/* The outputs of up to 4 pixels; of less than 4, and of the last pixels of all where a pair reaches
 * beyond a pixel, they go by `spare`, which has room for 4 pixels and an output. */
static inline void fw_next_pixels_s16(const fw_matrix_pixels_s16_params* p,
                                      fw_matrix_columns_s16* kernel, const uint32_t* columns,
                                      const int32_t* weights, int32_t left, int16_t* spare,
                                      int16_t* output) {
  if (left > 4 || (left == 4 && p->channels % 2 == 0)) {
    fw_four_pixels_s16(p, kernel, columns, weights, output);
  } else {
    fw_four_pixels_s16(p, kernel, columns, weights, spare);
    for (int32_t i = 0; i < left * p->channels; i++) output[i] = spare[i];
  }
}

/* `bytes` of inputs, and zeros up to a whole word, go into a pixel's columns; returns where the
 * next ones go. */
static inline uint32_t* fw_put_columns_s16(const int8_t* from, int32_t bytes, uint32_t* at) {
  for (; bytes >= 8; bytes -= 8, from += 8, at += 8) {
    uint32_t words[2];
    __builtin_memcpy(&words[0], from, sizeof words[0]);
    __builtin_memcpy(&words[1], from + 4, sizeof words[1]);
    at[0] = words[0];
    at[4] = words[1];
  }
  if (bytes >= 4) {
    uint32_t word;
    __builtin_memcpy(&word, from, sizeof word);
    *at = word;
    bytes -= 4, from += 4, at += 4;
  }
  if (bytes > 0) {
    uint16_t last;
    __builtin_memcpy(&last, from, sizeof last);
    *at = last;
    at += 4;
  }
  return at;
}

#endif
