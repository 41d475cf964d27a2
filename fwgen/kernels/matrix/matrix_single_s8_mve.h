/* Matrix kernel for an even number of whole vectors of inputs, 8 or more, one pixel at a time. The
 * order of the weights is its own: mve_matrix_single.h. */
#ifndef FW_MATRIX_SINGLE_S8_MVE_H
#define FW_MATRIX_SINGLE_S8_MVE_H

#include "mve_matrix.h"

fw_matrix fw_matrix_single_s8_mve;

#endif
