/* Products with a matrix whose weights have 4 bits, int8 inputs, on cores with the DSP extension: a
 * byte has the weights of one input for two channels, a and b.
 *
 * Inputs are X and Y of dsp_matrix.h. A byte of an odd input is 16 a + (b + 8), that of an even one
 * 16 (a + 8) + (b + 8), the odd ones with a sign, the even ones without: so a word of 4 bytes, read
 * as two halfwords, is P of dsp_matrix.h, and UXTB16 makes E of it. With the word as it is, the two
 * products give s = 256 times the sum of bytes and inputs, which is
 *   4096 A + 256 B + 32768 (sum of even inputs) + 2048 (sum of all inputs)
 * where A and B are the sums of the channels; with b + 8 alone, the word AND 0x0F0F0F0F, they give
 *   t = 256 B + 2048 (sum of all inputs).
 * So both channels take 2 SMLAD each for 4 inputs of a pixel, as with weights of 8 bits, and one
 * word is loaded instead of two. (s - t) >> 4 is 256 A, if 4096 A fits 32 bits: the generator has
 * made sure. Outputs come of 256 A and 256 B as in dsp_matrix.h.
 *
 * What the inputs add themselves is taken from the sums before they begin. With sX and sY, the sums
 * of all halfwords of X and Y, and n the number of columns, 256 (sum of even inputs) is sX + sY -
 * 254 n, and 256 (sum of odd ones) is 256 sX. Constants are in the biases.
 *
 * Weights for 4 pixels: for each pair of channels, from the last to the first, the biases of s and
 * t (int32), a word for each 4 inputs, then M, C, e + 7 of each channel (int32). Weights for a row:
 * where all channels have one scale, M, C, e + 7 (int32). For each block of 8 channels the biases
 * of s and t of each pair (int32), for each 4 inputs a word of each pair, and M, C, e + 7 of each
 * channel (int32) where they differ.
 */
#ifndef FW_DSP_NIBBLES_H
#define FW_DSP_NIBBLES_H

#include "dsp_matrix.h"
#include "dsp_single.h"

#endif
