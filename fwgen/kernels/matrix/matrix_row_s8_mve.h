/* Matrix kernel for any depth, one pixel at a time: neither reads nor writes beyond the pixel. */
#ifndef FW_MATRIX_ROW_S8_MVE_H
#define FW_MATRIX_ROW_S8_MVE_H

#include "mve_matrix.h"

fw_matrix fw_matrix_row_s8_mve;

#endif
