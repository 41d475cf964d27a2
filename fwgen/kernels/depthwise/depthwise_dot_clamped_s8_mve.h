/* Dot products for depthwise_rows_s8_mve: two output rows of four rows of a plane, for outputs
 * clamped at any zero point. */
#ifndef FW_DEPTHWISE_DOT_CLAMPED_S8_MVE_H
#define FW_DEPTHWISE_DOT_CLAMPED_S8_MVE_H

#include "depthwise_rows_s8_mve.h"

fw_depthwise_dot fw_depthwise_dot_clamped_s8_mve;

#endif
