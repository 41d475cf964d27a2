/* Depthwise convolution of int8 or int16 on cores with the DSP extension: four channels at a time,
 * each from a plane of halfwords.
 *
 * Planes: the inputs of the windows of a strip, zero points around the image included. An axis of
 * the image is the one along which outputs are computed four at a time, the other is across. The
 * word of line r (across) with the inputs 2j and 2j + 1 (along) of channel k is
 *   planes[(4 j + k) * FW_PLANE_LINES + r],
 * so that for the strip of any image all words of a window are at fixed distances.
 *
 * A record of a channel of any windows has M, C, e + 1 and 4 * bias, which takes the input's zero
 * point away, and then weights. These are pairs of halfwords, the first one low, times 4.
 *   One for windows up to 3 x 3 has M, 4 * bias and a word of each of the three lines of a window:
 * its weights + 128 are three bytes, the first one lowest. The highest byte of the first line is e,
 * and that of the second is the output's zero point, of which kernels make e + 1 and C. They widen
 * the weights to pairs, W01 = (w0, w1) and W12 = (w1, w2) of each line.
 * An output at an even input is SMLAD of the first word and W01, and SMLABT of the second and W12;
 * one at an odd input is SMLATB of the first and W01, and SMLAD of the second and W12: three
 * products in two instructions.
 *   Any windows: of each line, for each word from the first on, what an output at an even input
 * takes of it, (w0, w1), (w2, w3), ..., and what one at an odd input does, (0, w0), (w1, w2), ...:
 * an SMLAD each. With an even stride there are none at odd inputs, and both are the same. Taps
 * that a dilation leaves out have weights 0. Where windows are side by side, a word of a second
 * pair of outputs is the next one of the first pair; words are gone through two at a time, the last
 * one with weights 0 if there is an odd number.
 *
 * A sum s = 4 acc becomes an output by one SMMLA, a shift and SSAT, with e = -shift from 1 to 22:
 *   (high32(s M) + C) >> (e + 1),  C = 2^e + 1 + (zero_point << (e + 1)),
 * which rounds twice, as TFLM does: floor((floor(x / 2^a) + b) / 2^c) is floor((x + b 2^a) /
 * 2^(a + c)). TFLM's second rounding takes halves of negative numbers away from 0: C is less by 2
 * there. Where outputs are clamped at their zero point, nobody sees that.
 *   Kernels for windows up to 3 x 3 with such outputs shift by 12 always: there weights and bias
 * are 2^(13 - e) times what they were, instead of 4 times, with e from 5 to 11, and C = 2^11 +
 * 2^(11 - e) + (zero_point << 12). A record has 13 - e in place of e.
 *
 * Of int16 a record has m and the bias, and then weights as they are, pairs for windows up to 3
 * x 3. One SMMULR rescales a sum, as dsp_matrix_s16.h says, and outputs are saturated.
 */
#ifndef FW_DSP_DEPTHWISE_H
#define FW_DSP_DEPTHWISE_H

#include "depthwise_walk.h"
#include "dsp_required.h"

/* Words from an input's word of a channel to those of the next inputs. */
#define FW_PLANE_WORD (4 * FW_PLANE_LINES)

#endif
