/* Depthwise convolution for MVE, kernels up to 4x4. */
#ifndef FW_DEPTHWISE_ROWS_S8_MVE_H
#define FW_DEPTHWISE_ROWS_S8_MVE_H

#include <stdint.h>

#include "mve_records.h"

typedef struct {
  int32_t batches, channels;
  int16_t input_h, input_w;
  int16_t output_h, output_w;
  int16_t pad_top, pad_left, pad_value;
  int16_t taps;
  int32_t output_zero_point;
  int8_t stride_h, stride_w;
  int8_t lanes;        /* channels at a time */
  int8_t out_rows;     /* that four input rows give */
  int8_t tables;       /* of windows: rings that make four outputs of a patch have as many */
  int8_t left, right;  /* of rings, 1: the word before `inner`, or after, has one input column */
  int16_t record;      /* 0: rows; of rings bytes from the windows of even pairs to those of odd */
  int16_t words;       /* of a plane */
  int16_t pitch;       /* of rows: words in a plane from one four of them to the next */
  int16_t strip_h;     /* output rows computed at a time */
  int16_t strip_w;     /* output columns computed at a time */
  int16_t strip_words; /* of rows: words of the planes, per four of them */
  int16_t last_y;      /* where the last strip begins */
  int16_t inner;       /* of rings: words of a pair with two input columns, */
  int16_t first;       /* from this one on */
  int16_t backwards;   /* 1: from the last strip to the first */
  int16_t units;       /* entries of the table for a strip */
  int16_t last;        /* the first entry for the last strip, 0: the same */
} fw_depthwise_rows_s8_mve_params;

/* Dot products of the windows of 1 to 16 channels: mve_dot.h for 4 of them after the other, whose
 * outputs are side by side. */
typedef void fw_depthwise_dot(fw_mve_records* records, const int8_t* planes, int32_t plane,
                              const uint16_t* units, int32_t count, int32_t channels, int8_t* out);

/* input (batches, input_h, input_w, channels), of which up to 15 bytes after the last may be read;
 * output (batches, output_h, output_w, channels); it begins at a multiple of 4 bytes if channels
 * are a multiple of 4. Packed as mve_records.h says, with the places of all tables.
 *
 * `lanes` is 16; of rows 8 if there are no more channels; of rings 4, which need less scratch. Then
 * there is one table, channels and `inner` are multiples of 4, no other words have input columns,
 * and the input begins at a multiple of 4 bytes as well. */
void fw_depthwise_rows_s8_mve(const fw_depthwise_rows_s8_mve_params* p, const int8_t* input,
                              const int8_t* restrict packed, const uint16_t* restrict units,
                              fw_depthwise_dot* dot, int8_t* output, uint8_t* restrict scratch);

#endif
