/* matrix_single_s8_mve for one scale of all channels. The order of the weights is that of
 * mve_matrix_single.h, but before the blocks come the multiplier and the shift, and the parameters
 * of a tile are bias[4], all 32 bits. */
#ifndef FW_MATRIX_SINGLE_UNIFORM_S8_MVE_H
#define FW_MATRIX_SINGLE_UNIFORM_S8_MVE_H

#include "mve_matrix.h"

fw_matrix fw_matrix_single_uniform_s8_mve;

#endif
