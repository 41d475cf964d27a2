/* Depthwise convolution of int8 on cores of Armv7-M without the DSP extension: four channels at a
 * time, each from a plane of bytes.
 *
 * Planes: the inputs of the windows of a strip, zero points around the image included. An axis of
 * the image is the one along which outputs are computed, the other is across. Input i (along) of
 * line r (across) of channel k is
 *   planes[(4 i + k) * FW_PLANE_LINES + r],
 * so that for the strip of any image all inputs of a window are at fixed distances. What a walk
 * calls a word is an input.
 *
 * A record of a channel has M, C, e + 1 and 4 * bias, which takes the input's zero point away, and
 * then weights, times 4, as halfwords.
 *   Windows up to 3 x 3: the nine of the three lines, and a halfword that is not used. All are in
 * registers, and two outputs are computed at a time, by an MLA of two cycles for each product.
 *   Any windows: of each line the weights from the first input to the last; those that a dilation
 * leaves out are 0. Four outputs are computed at a time, one weight after the other. Where windows
 * are side by side, turns of two or of five weights are unrolled, and an input is loaded once in a
 * turn; weights that a last turn has not are 0.
 *
 * A sum s = 4 acc becomes an output by one SMULL, an addition, a shift and SSAT, with e = -shift
 * from 1 to 22: (high32(s M) + C) >> (e + 1), C = 2^e + 1 + (zero_point << (e + 1)). That rounds
 * twice, as TFLM does: see dsp_depthwise.h. C is less by 2 where the sum is negative, unless
 * outputs are clamped at their zero point. Kernels for windows up to 3 x 3 with such outputs shift
 * by 12 always: there weights and bias are s = 2^(13 - e) times what they were, instead of 4 times,
 * with e from 5 to 11, and C = 2^11 + 2^(11 - e) + (zero_point << 12).
 */
#ifndef FW_V7M_DEPTHWISE_H
#define FW_V7M_DEPTHWISE_H

#include "depthwise_walk.h"
#include "v7m_required.h"

/* Bytes from an input of a channel to the next. */
#define FW_PLANE_INPUT (4 * FW_PLANE_LINES)

#endif
