/* Matrix kernel for an even number of whole vectors of inputs, 8 or more, one pixel at a time. The
 * order of the weights is its own. */
#ifndef FW_MATRIX_SINGLE_S8_MVE_H
#define FW_MATRIX_SINGLE_S8_MVE_H

#include "mve_matrix.h"

/* Blocks are in ascending order. First come the parameters of the last block, then for each block
 * its weights and, but for the last, its parameters: those of A, then those of B. Weights are for
 * each vector of inputs 16 bytes of the channels of A, then of B. */
fw_matrix fw_matrix_single_s8_mve;

#endif
