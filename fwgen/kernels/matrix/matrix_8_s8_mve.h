/* Matrix kernel for 113 to 128 inputs, pairs of pixels. */
#ifndef FW_MATRIX_8_S8_MVE_H
#define FW_MATRIX_8_S8_MVE_H

#include "mve_matrix.h"

fw_matrix fw_matrix_8_s8_mve;

#endif
