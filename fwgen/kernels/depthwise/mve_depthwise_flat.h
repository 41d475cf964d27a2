/* Parameters of the depthwise convolutions whose planes are the padded image itself. */
#ifndef FW_MVE_DEPTHWISE_FLAT_H
#define FW_MVE_DEPTHWISE_FLAT_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t batches, channels;
  int32_t input_h, input_w;
  int32_t output_h, output_w;
  int32_t pad_top, pad_left, pad_value;
  int32_t taps, output_zero_point;
  int32_t pitch;     /* pixels of a padded row, whose padding is that of the next one too */
  int32_t strip_h;   /* output rows computed at a time */
  int32_t rows;      /* padded input rows that they need */
  int32_t words;     /* of a plane, with 4 pixels each */
  int32_t part_h;    /* rows that are transposed at a time: all, or whole words */
  int32_t backwards; /* 1: from the last strip to the first */
  int32_t units;     /* entries of the table */
} fw_mve_depthwise_flat_params;

#endif
