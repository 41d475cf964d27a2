/* Matrix kernel for 49 to 64 inputs, pairs of pixels, outputs clamped at their zero point. */
#ifndef FW_MATRIX_4_RELU_S8_MVE_H
#define FW_MATRIX_4_RELU_S8_MVE_H

#include "mve_matrix.h"

fw_matrix fw_matrix_4_relu_s8_mve;

#endif
