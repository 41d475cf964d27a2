/* Products of a row with a matrix of int8 on cores with the DSP extension: blocks of 8 channels.
 *
 * The arithmetic is that of dsp_matrix.h. A row has no other beside it that would use a word of
 * weights as well; so 8 sums of one row are kept at a time.
 *
 * Inputs: for each 4, X and Y, 8 bytes.
 * Weights: where all channels have one scale, M, C, e + 7 (int32). For each block of 8 channels,
 *   256 bias of each (int32), steps times 4 weights of each, and M, C, e + 7 of each (int32) where
 *   they differ. Channels that there are not have weights 0.
 */
#ifndef FW_DSP_SINGLE_H
#define FW_DSP_SINGLE_H

#include <stdint.h>

#include "dsp_required.h"

/* What a kernel for a row takes, in the order in which it loads it. */
typedef struct {
  const uint32_t* inputs;
  const uint32_t* fours_end; /* inputs of the fours of steps end here */
  const uint32_t* end;
  int8_t* output;
  int32_t blocks;       /* 1 or more */
  const int32_t* scale; /* of all channels, if they have one */
  const int32_t* weights;
} fw_matrix_single_block;

typedef void fw_matrix_single(const fw_matrix_single_block* block);

#endif
