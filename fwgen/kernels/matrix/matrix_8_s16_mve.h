/* Matrix kernel for int16 pixels of 49 to 64 inputs and int8 weights, by the rule of sums of 64
 * bits. */
#ifndef FW_MATRIX_8_S16_MVE_H
#define FW_MATRIX_8_S16_MVE_H

#include "mve_matrix_s16.h"

fw_matrix_s16 fw_matrix_8_s16_mve;

#endif
