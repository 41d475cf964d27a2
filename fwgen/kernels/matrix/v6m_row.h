/* Products of a row with blocks of 8 channels of int8 on cores of Armv6-M.
 *
 * Inputs are bytes without a sign in scratch, 128 more than they were; the bias has 128 times the
 * sum of weights subtracted. Such a byte is loaded without an instruction more to extend its sign.
 * A word has the weights of 4 channels, in halfwords 256 times the odd one and the even one. So its
 * bytes 0 and 2 are those of even channels, and its halves are multiplied for odd ones as they are:
 * their sums are 256 times the channel's, and that of the even one, which is subtracted at the end.
 * That takes 4 instructions to extend the weights of a word, where 4 bytes take 6.
 *
 * Sums become outputs as v6m_rescale.h has it. The bias has the least sum subtracted, too.
 *
 * Weights: for each block of channels 8 biases (int32), of odd channels as their sums; then for
 * each input 8 weights, of inputs rounded up to 4 and of channels rounded up to 8. Scales: for each
 * channel, or once for all, addend, high, most * 2^13 + low, bend, and below - addend.
 */
#ifndef FW_V6M_ROW_H
#define FW_V6M_ROW_H

#include <stdint.h>

#include "v6m_required.h"

#define FW_V6M_SCALE_WORDS 5

typedef struct {
  int32_t count;       /* rows */
  int32_t depth;       /* inputs of a row */
  int32_t channels;    /* outputs of a row */
  int32_t input_pitch; /* bytes from a row to the next */
  int32_t scales;      /* words of scales */
} fw_row_params;

/* What the kernel takes, in the order in which it loads it. */
typedef struct {
  const uint8_t* inputs; /* 4 bytes before them where these are an odd number of fours */
  const uint8_t* end;
  const int32_t* weights;
  const int32_t* scales;
  int32_t back; /* bytes from the end of a scale to that of the next channel, back */
  int8_t* output;
  int32_t channels;
} fw_row_blocks;

typedef void fw_matrix_row_channels(const fw_row_blocks* blocks);

#endif
