/* Depthwise convolution of int8 on cores of Armv6-M, a channel at a time from a plane of words.
 *
 * A product takes one instruction of this core, and so does every move of it: what counts is how
 * often something is loaded. The inputs of the windows of a strip lie in a plane, a word each, line
 * after line, zero points around the image included. Five or six outputs that are side by side are
 * computed at a time, in registers that only additions reach, by three taps of a window's line: the
 * inputs that five take, 7 or, where outputs are 2 apart, 11, are loaded in pairs for 15 products.
 *
 * A window is a number of such threes. In scratch are the bias, less the least sum of
 * v6m_rescale.h, and of each three its weights and the bytes from behind its last input to the
 * first of the next three; after the last one, to that of the next outputs. Taps that are not there
 * have weights of 0, for any input. Sums go to scratch as well, from where they become outputs:
 * v6m_outputs.h.
 */
#ifndef FW_V6M_DEPTHWISE_H
#define FW_V6M_DEPTHWISE_H

#include <stdint.h>

#include "v6m_required.h"

/* Lines of outputs, in the order in which it is loaded. */
typedef struct {
  const int32_t *threes, *threes_end; /* a bias before the first */
  int32_t *sums, *line_end;           /* of the first line; whole fives or sixes */
  int32_t line_bytes;                 /* of its sums */
  int32_t* sums_end;
  int32_t skip; /* bytes from the input after a line's last outputs to the first of the next line */
} fw_v6m_windows;

typedef void fw_v6m_depthwise(const int32_t* plane, const fw_v6m_windows* block);

#endif
