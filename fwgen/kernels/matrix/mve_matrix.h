/* What the matrix kernels for MVE share. A pixel's `channels` outputs are the products of its
 * `depth` inputs with a constant matrix:
 *   output[pixel][c] = saturate(zero_point + requantize(bias[c] + sum input[pixel][k] * w[c][k]))
 * where the bias includes -input_zero_point * sum of w[c]. Pixels are anything: positions of a 1x1
 * convolution, gathered windows of others, rows of FULLY_CONNECTED.
 *
 * Weights and parameters are one stream of 32-bit words in the order in which they are read.
 * `vectors` is depth / 16 rounded up; what is beyond the depth or the last channel is 0. A block
 * has 8 channels, 8n to 8n + 7, the last block first. Its even channels, lanes 0 to 3 of a quad,
 * are its tile A, its odd ones tile B. A block is
 *   parameters of B, weights of A, parameters of A, weights of B
 * with parameters = bias_shift[4], multiplier[4] and
 * weights = for each of `vectors`: 16 bytes of each of the 4 channels.
 * bias_shift is bias * 256 + (shift & 255), the bias in -2^23 to 2^23 - 1 (shift <= -1, or the
 * multiplier is 0). The kernels shift by the low byte, and right by 8 bits for the bias.
 */
#ifndef FW_MVE_MATRIX_H
#define FW_MVE_MATRIX_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t depth, channels;
  int32_t input_pitch, output_pitch; /* bytes from one pixel to the next */
  int32_t zero_point;                /* of the output */
} fw_matrix_params;

/* Computes pixels `first` to `first + count - 1`. Each kernel says for which depths it is. Kernels
 * that take pixels in pairs want an even count. They read a pixel's inputs in whole vectors and
 * write its outputs in whole blocks: up to 15 and 7 bytes more than there are. The bytes read do
 * not matter. Those written are in place of outputs of the next pixel: the next in memory must
 * come later, in this call or another, and there must be one. */
typedef void fw_matrix(const fw_matrix_params* p, const int8_t* input, int32_t first, int32_t count,
                       const int32_t* weights, int8_t* output);

#endif
