/* Matrix kernel for 129 to 144 inputs, pairs of pixels. */
#ifndef FW_MATRIX_9_S8_MVE_H
#define FW_MATRIX_9_S8_MVE_H

#include "mve_matrix.h"

fw_matrix fw_matrix_9_s8_mve;

#endif
