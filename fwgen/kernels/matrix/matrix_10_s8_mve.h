/* Matrix kernel for 129 and more inputs, pairs of pixels. */
#ifndef FW_MATRIX_10_S8_MVE_H
#define FW_MATRIX_10_S8_MVE_H

#include "mve_matrix.h"

fw_matrix fw_matrix_10_s8_mve;

#endif
