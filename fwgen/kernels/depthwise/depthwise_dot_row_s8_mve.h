/* Dot products for depthwise_rows_s8_mve: a single output row, of four rows of a plane. */
#ifndef FW_DEPTHWISE_DOT_ROW_S8_MVE_H
#define FW_DEPTHWISE_DOT_ROW_S8_MVE_H

#include "depthwise_rows_s8_mve.h"

fw_depthwise_dot fw_depthwise_dot_row_s8_mve;

#endif
