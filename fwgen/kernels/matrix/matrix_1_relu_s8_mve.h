/* Matrix kernel for up to 16 inputs, pairs of pixels, outputs clamped at their zero point. */
#ifndef FW_MATRIX_1_RELU_S8_MVE_H
#define FW_MATRIX_1_RELU_S8_MVE_H

#include "mve_matrix.h"

fw_matrix fw_matrix_1_relu_s8_mve;

#endif
