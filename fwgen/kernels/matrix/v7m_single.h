/* Products of a row with a matrix of int8 on cores of Armv7-M: blocks of 8 channels.
 *
 * The arithmetic is that of v7m_matrix.h. A row has no other beside it that would use a weight as
 * well; so 8 sums of one row are kept at a time, and an input serves 8 weights.
 *
 * Scales: M, C, e + 1 (int32) of each channel, or once where all have the same.
 * Weights: for each block of 8 channels the bias of each (int32), and for each input the weights of
 *   all 8. Channels that there are not have weights 0.
 */
#ifndef FW_V7M_SINGLE_H
#define FW_V7M_SINGLE_H

#include <stdint.h>

#include "v7m_required.h"

/* What a kernel for a row takes, in the order in which it loads it. */
typedef struct {
  const int8_t* inputs;
  const int8_t* eights_end; /* the eights of inputs end here */
  const int8_t* end;
  int8_t* output;
  int32_t blocks; /* 1 or more */
  const int32_t* scales;
  int32_t scale_bytes; /* from a channel's scale to the next; 0 if all have the same */
  const int32_t* weights;
} fw_matrix_byte_row_block;

typedef void fw_matrix_byte_row(const fw_matrix_byte_row_block* block);

#endif
