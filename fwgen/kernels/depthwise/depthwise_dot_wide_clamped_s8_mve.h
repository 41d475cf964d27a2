/* Dot products of every other column, for outputs clamped at any zero point: one output row of four
 * rows of a plane, or of a ring. */
#ifndef FW_DEPTHWISE_DOT_WIDE_CLAMPED_S8_MVE_H
#define FW_DEPTHWISE_DOT_WIDE_CLAMPED_S8_MVE_H

#include "depthwise_rows_s8_mve.h"

fw_depthwise_dot fw_depthwise_dot_wide_clamped_s8_mve;

#endif
