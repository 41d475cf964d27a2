/* Matrix kernel for few inputs and one scale of all channels, one pixel at a time: neither reads
 * nor writes beyond the pixel. The order of the weights is its own: the multiplier and the shift of
 * all channels, then for each block, the first one first, bias[4] of the channels of tile A and of
 * B, all 32 bits, and for each input 4 bytes of the channels of A and of B. */
#ifndef FW_MATRIX_THIN_S8_MVE_H
#define FW_MATRIX_THIN_S8_MVE_H

#include "mve_matrix.h"

fw_matrix fw_matrix_thin_s8_mve;

#endif
