/* Matrix kernel for single pixels, of weights of 4 bits, two to a byte. */
#ifndef FW_MATRIX_NIBBLES_S8_MVE_H
#define FW_MATRIX_NIBBLES_S8_MVE_H

#include "mve_matrix.h"

/* Weights of 4 channels at a time, the first ones first: bias[4] and multiplier[4] of 32 bits, for
 * each 16 inputs 32 bytes, then shift[4] of 32 bits. Of the 32 bytes, byte i has the weight of
 * input i and channel 1 in its high half, and 8 more than that of channel 0 in its low half; byte
 * 16 + i has those of channels 3 and 2. For inputs that there are not, which are read, bytes are 0.
 */
void fw_matrix_nibbles_s8_mve(const fw_matrix_params* p, const int8_t* input, int32_t count,
                              const int8_t* weights, int8_t* output);

#endif
