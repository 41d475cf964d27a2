/* Depthwise convolution for MVE, kernels up to 4x4, output zero point -128. */
#ifndef FW_DEPTHWISE_ROWS_S8_MVE_H
#define FW_DEPTHWISE_ROWS_S8_MVE_H

#include <stdint.h>

#include "mve_records.h"

typedef struct {
  int32_t batches, channels;
  int32_t input_h, input_w;
  int32_t output_h, output_w;
  int32_t pad_top, pad_left, pad_value;
  int32_t taps, output_zero_point;
  int32_t stride_h, stride_w;
  int32_t lanes;       /* channels at a time, 16, or 8 if there are no more */
  int32_t out_rows;    /* that four input rows give */
  int32_t words;       /* of a plane */
  int32_t pitch;       /* words in a plane from one four of rows to the next */
  int32_t strip_h;     /* output rows computed at a time */
  int32_t strip_w;     /* output columns computed at a time */
  int32_t strip_words; /* of the planes, per four of rows */
  int32_t backwards;   /* 1: from the last strip to the first */
  int32_t units;       /* entries of the table */
} fw_depthwise_rows_s8_mve_params;

/* Dot products of the windows of 1 to 16 channels: mve_dot.h for 4 of them after the other, whose
 * outputs are side by side. */
typedef void fw_depthwise_dot(fw_mve_records* records, const int8_t* planes, int32_t plane,
                              const uint16_t* units, int32_t count, int32_t channels, int8_t* out);

/* input (batches, input_h, input_w, channels), of which up to 15 bytes after the last may be read;
 * output (batches, output_h, output_w, channels); it begins at a multiple of 4 bytes if channels
 * are a multiple of 4. */
void fw_depthwise_rows_s8_mve(const fw_depthwise_rows_s8_mve_params* p, const int8_t* input,
                              const int8_t* restrict records, const uint16_t* restrict units,
                              fw_depthwise_dot* dot, int8_t* output, uint8_t* restrict scratch);

#endif
