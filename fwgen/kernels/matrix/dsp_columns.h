/* Pixels become columns of widened inputs: dsp_matrix.h has the layout. For Armv7E-M. */
#ifndef FW_DSP_COLUMNS_H
#define FW_DSP_COLUMNS_H

#include "dsp_matrix.h"
#include "dsp_widen.h"

#define FW_COLUMN_STEP 8

/* X of 4 pixels, then Y of 4 pixels. */
static const fw_widened fw_columns = {4, FW_COLUMN_STEP};

/* The products of 4 pixels whose columns are there. */
static inline void fw_four_pixels(const fw_matrix_dsp_params* p, fw_matrix_columns* kernel,
                                  const uint32_t* columns, const int32_t* weights, int8_t* output) {
  const int32_t pairs = (p->channels + 1) / 2;
  const fw_matrix_block block = {
      columns,
      columns + p->whole * FW_COLUMN_STEP,
      columns + p->steps * FW_COLUMN_STEP,
      output + 2 * (pairs - 1),
      p->channels,
      pairs,
      weights,
  };
  kernel(&block);
}

/* The same of the first `count` pixels, whose outputs go by `spare`: 4 pixels and a byte. */
static inline void fw_last_pixels(const fw_matrix_dsp_params* p, fw_matrix_columns* kernel,
                                  const uint32_t* columns, const int32_t* weights, int32_t count,
                                  int8_t* spare, int8_t* output) {
  fw_four_pixels(p, kernel, columns, weights, spare);
  for (int32_t i = 0; i < count * p->channels; i++) output[i] = spare[i];
}

#endif
