/* Products of 4 pixels with 2 channels, int8, on cores with the DSP extension: four_pixels.h.
 *
 * Four weights of a channel are a word of bytes w3 w2 w1 w0. Read as two halfwords, it is
 *   P = (256 w3 + w2, 256 w1 + w0),
 * if w3 and w1 are stored less 1 where w2 or w0 is negative; SXTB16 makes E = (w2, w0) of it. Four
 * inputs are two words,
 *   X = (x3, x1) and Y = (256 x2 - x3 + 127, 256 x0 - x1 + 127),
 * whose halfwords fit for any int8 (without the 127 they do not). Then
 *   P . X + E . Y = 256 (x0 w0 + x1 w1 + x2 w2 + x3 w3) + 127 (w0 + w2),
 * two SMLAD and an SXTB16 for four weights, where a word of bytes takes two. The bias takes the
 * constant away, and the input's zero point; it is 256 times what it was. Sums wrap on their way,
 * which does no harm: the last one is in 32 bits, as the generator has made sure.
 *
 * A sum s = 256 acc becomes an output by one SMMLA, a shift and SSAT, with e = -shift from 1 to 16:
 *   (high32(s M) + C) >> (e + 7),  C = 2^(6 + e) + 64 + (zero_point << (e + 7)),
 * which rounds twice, as TFLM does: floor((floor(x / 2^a) + b) / 2^c) is floor((x + b 2^a) /
 * 2^(a + c)). TFLM's second rounding takes halves of negative numbers away from 0: C is less by 128
 * there. Where outputs are clamped at their zero point, nobody sees that.
 *
 * Columns: for each 4 inputs, X of 4 pixels, then Y of 4 pixels, 32 bytes.
 * Weights: for each pair of channels, from the last to the first,
 *   256 bias of both (int32), 4 weights of both for each column, then M, C, e + 7 of each (int32).
 */
#ifndef FW_DSP_MATRIX_H
#define FW_DSP_MATRIX_H

#include "dsp_required.h"
#include "four_pixels.h"

#endif
