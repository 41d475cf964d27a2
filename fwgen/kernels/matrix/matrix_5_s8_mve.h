/* Matrix kernel for 65 and more inputs, pairs of pixels. */
#ifndef FW_MATRIX_5_S8_MVE_H
#define FW_MATRIX_5_S8_MVE_H

#include "mve_matrix.h"

fw_matrix fw_matrix_5_s8_mve;

#endif
