/* Products of a row of int16 with a matrix of int8 on cores with the DSP extension: blocks of 8
 * channels. The arithmetic is that of dsp_matrix_s16.h.
 *
 * Inputs are taken from where they are, two at a time. Of an odd number of them the last word has
 * whatever follows, and weights 0 for it.
 * Weights: for each block of 8 channels the bias of each (int32); for each 2 inputs those of 4
 * pairs of channels, a word each; then m of each (int32), or by the rule of 32 bits M, 2^(e - 2)
 * and e - 1 of each. Channels that there are not have weights 0.
 */
#ifndef FW_DSP_SINGLE_S16_H
#define FW_DSP_SINGLE_S16_H

#include <stdint.h>

#include "dsp_required.h"

/* What a kernel for a row takes, in the order in which it loads it. */
typedef struct {
  const int16_t* inputs;
  const int16_t* whole_end; /* inputs of the eights of words end here */
  const int16_t* end;       /* of whole words */
  int16_t* output;
  int32_t blocks; /* 1 or more */
  const int32_t* weights;
} fw_matrix_single_block_s16;

typedef void fw_matrix_single_s16(const fw_matrix_single_block_s16* block);

#endif
