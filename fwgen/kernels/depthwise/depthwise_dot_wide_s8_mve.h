/* Dot products for depthwise_rows_s8_mve: one output row of four rows of a plane, every other
 * column. */
#ifndef FW_DEPTHWISE_DOT_WIDE_S8_MVE_H
#define FW_DEPTHWISE_DOT_WIDE_S8_MVE_H

#include "depthwise_rows_s8_mve.h"

fw_depthwise_dot fw_depthwise_dot_wide_s8_mve;

#endif
