/* Matrix kernel for int16 pixels and int8 weights, by the rule of sums of 64 bits. */
#ifndef FW_MATRIX_S16_MVE_H
#define FW_MATRIX_S16_MVE_H

#include "mve_matrix_s16.h"

fw_matrix_s16 fw_matrix_s16_mve;

#endif
