/* Parameters of the depthwise convolutions by planes of four rows. */
#ifndef FW_MVE_DEPTHWISE_ROWS_H
#define FW_MVE_DEPTHWISE_ROWS_H

#include <stdint.h>

typedef struct {
  int32_t batches, channels;
  int32_t input_h, input_w;
  int32_t output_h, output_w;
  int32_t pad_top, pad_left, pad_value;
  int32_t taps, output_zero_point;
  int32_t stride_h;
  int32_t row_bytes;   /* of the buffer of a padded row, a multiple of 16 */
  int32_t pitch;       /* words in a plane from one four of rows to the next */
  int32_t strip_h;     /* output rows computed at a time */
  int32_t strip_w;     /* output columns computed at a time */
  int32_t strip_words; /* of the planes, per four of rows */
  int32_t units;       /* entries of the table */
} fw_mve_depthwise_rows_params;

#endif
