/* The same as depthwise_dot_row_s8_mve for outputs clamped at any zero point. */
#ifndef FW_DEPTHWISE_DOT_ROW_CLAMPED_S8_MVE_H
#define FW_DEPTHWISE_DOT_ROW_CLAMPED_S8_MVE_H

#include "depthwise_rows_s8_mve.h"

fw_depthwise_dot fw_depthwise_dot_row_clamped_s8_mve;

#endif
