/* Dot products for rings of depthwise_rows_s8_mve: two output rows of two pairs of rows. */
#ifndef FW_DEPTHWISE_PATCH_S8_MVE_H
#define FW_DEPTHWISE_PATCH_S8_MVE_H

#include "depthwise_rows_s8_mve.h"

fw_depthwise_dot fw_depthwise_patch_s8_mve;

#endif
