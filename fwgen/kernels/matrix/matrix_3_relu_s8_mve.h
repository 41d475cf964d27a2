/* Matrix kernel for 33 to 48 inputs, pairs of pixels, outputs clamped at their zero point. */
#ifndef FW_MATRIX_3_RELU_S8_MVE_H
#define FW_MATRIX_3_RELU_S8_MVE_H

#include "mve_matrix.h"

fw_matrix fw_matrix_3_relu_s8_mve;

#endif
