/* Pixels become columns of widened inputs: dsp_matrix.h has the layout. For Armv7E-M. */
#ifndef FW_DSP_COLUMNS_H
#define FW_DSP_COLUMNS_H

#include "dsp_matrix.h"
#include "dsp_widen.h"

#define FW_DSP_COLUMN_BYTES 32

/* X of 4 pixels, then Y of 4 pixels. */
static const fw_widened fw_columns = {.y = 4, .step = 8};

#endif
