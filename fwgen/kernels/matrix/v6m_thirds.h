/* Products of pixels with a matrix of int8 on cores of Armv6-M, three pixels in two words.
 *
 * The multiplier of such a core gives 32 bits of a product in a cycle, and one of two bytes needs
 * 16. The inputs a, b, c of three pixels make the words b * 2^21 + a and b * 2^10 + c. Their
 * products with one weight, and sums of such, are of the same form modulo 2^32:
 *   S = B * 2^21 + A,  T = B * 2^10 + C,  with the sums A, B, C of the pixels.
 * While these are in [-2^20, 2^20), they can be told apart at the end:
 *   A = the lower 21 bits of S with their sign;  U = (S - A) / 2^11 = (B mod 2^11) * 2^10;
 *   C = the lower 21 bits of T - U;              B = (T - C) / 2^10, as T - U - C is the rest.
 * So a word takes a cycle and a half to be loaded, one to be multiplied and one to be added, for
 * a pixel and a half. The build proves the limits for all inputs, and divides the columns into
 * parts where they have no room; sums of parts are added in memory.
 *
 * Sums become outputs as v6m_rescale.h has it. The bias has the least sum subtracted.
 *
 * Columns: an input of each of 3, 6 or 9 pixels; words of triples one after the other. The first
 * of three pixels is b, the second a, the third c. The last block of all may have fewer pixels:
 * its first one is there two or three times then.
 * Weights: for each channel the bias (int32), a weight for each column, rounded up to 4 bytes,
 * then addend, high, most * 2^13 + low, and bend, below - addend for kernels that want them.
 */
#ifndef FW_V6M_THIRDS_H
#define FW_V6M_THIRDS_H

#include <stdint.h>

#include "v6m_required.h"

typedef struct {
  int32_t count;       /* pixels */
  int32_t depth;       /* inputs of a pixel */
  int32_t channels;    /* outputs of a pixel */
  int32_t input_pitch; /* bytes from a pixel to the next, where they are contiguous in the input */
  int32_t triples;     /* of pixels in a block */
  int32_t columns;     /* of a block: inputs rounded up */
  int32_t part;        /* columns of a part, 0 where they are not divided */
} fw_thirds_params;

/* What a kernel takes, in the order in which it loads it. */
typedef struct {
  const uint32_t* columns;
  uintptr_t end;  /* of columns, as below where they are not divided */
  uintptr_t part; /* bytes, less 1 of an odd number of words of weights, less 2 of an even one */
  int8_t* output; /* of the first pixel */
  int32_t step;   /* bytes from the third pixel on to the next */
  int32_t first;  /* from the first pixel to the second */
  int32_t second; /* from the second pixel to the third */
  int32_t channels;
  const int32_t* weights;
} fw_thirds_block;

typedef void fw_matrix_thirds(const fw_thirds_block* block);

/* The inputs of three pixels go into their place in columns of `triples`. */
static inline uint32_t* fw_put_thirds(const int8_t* b, const int8_t* a, const int8_t* c,
                                      int32_t count, int32_t triples, uint32_t* column) {
  for (int32_t i = 0; i < count; i++, column += 2 * triples) {
    const uint32_t both = (uint32_t)b[i];
    column[0] = (both << 21) + (uint32_t)a[i];
    column[1] = (both << 10) + (uint32_t)c[i];
  }
  return column;
}

/* The products of a block whose columns are there, of which `repeated` times the first pixel. */
static inline void fw_multiply_thirds(const fw_thirds_params* p, fw_matrix_thirds* kernel,
                                      int32_t triples, int32_t repeated, const uint32_t* columns,
                                      const int32_t* weights, int8_t* output) {
  const int32_t column_bytes = 8 * triples;
  const uintptr_t end = (uintptr_t)(columns + 2 * triples * p->columns);
  const int32_t part = p->part ? p->part : p->columns;
  const uintptr_t less = part / 4 % 2 ? 1u : 2u;
  const fw_thirds_block block = {
      .columns = columns,
      .end = p->part ? end : end - less,
      .part = (uintptr_t)(part * column_bytes) - less,
      .output = output,
      .step = p->channels,
      .first = repeated > 0 ? 0 : p->channels,
      .second = repeated > 1 ? 0 : p->channels,
      .channels = p->channels,
      .weights = weights,
  };
  kernel(&block);
}

/* Triples of a block of which `left` pixels are there, and how often the first one is repeated. */
static inline int32_t fw_triples_of(const fw_thirds_params* p, int32_t left) {
  return left >= 3 * p->triples ? p->triples : (left + 2) / 3;
}

#endif
