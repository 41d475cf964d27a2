/* Matrix kernel for single pixels of any depth, of any scales and biases. */
#ifndef FW_MATRIX_ANY_S8_MVE_H
#define FW_MATRIX_ANY_S8_MVE_H

#include "mve_matrix.h"

/* Weights of 4 channels at a time, the first ones first: bias[4], left[4], multiplier[4],
 * right[4], then for each 16 inputs 16 bytes of each of the 4 channels. Sums are shifted by `left`,
 * 0 to 31, before they are multiplied, and by `right`, -31 to 0, afterwards. */
fw_matrix fw_matrix_any_s8_mve;

#endif
