/* Products of three pixels in two words with pairs of channels, on cores of Armv7-M.
 *
 * Arithmetic and columns are those of v6m_thirds.h. A word that is loaded is multiplied by the
 * weights of two channels: of MLA, which takes two cycles, there are four for three pixels, and
 * half as many loads as for one channel.
 *
 * Weights: for each pair of channels the bias of both (int32), a weight of both for each column,
 * then for each of them addend, high, most * 2^13 + low, and bend, below - addend for kernels that
 * want them. Of an odd number of channels the last pair has weights and a bias of 0.
 */
#ifndef FW_V7M_THIRD_PAIRS_H
#define FW_V7M_THIRD_PAIRS_H

#include "v6m_thirds.h"
#include "v7m_required.h"

#endif
