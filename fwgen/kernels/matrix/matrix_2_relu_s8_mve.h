/* Matrix kernel for 17 to 32 inputs, pairs of pixels, outputs clamped at their zero point. */
#ifndef FW_MATRIX_2_RELU_S8_MVE_H
#define FW_MATRIX_2_RELU_S8_MVE_H

#include "mve_matrix.h"

fw_matrix fw_matrix_2_relu_s8_mve;

#endif
