/* Depthwise convolution for MVE, kernels up to 4x4 with stride 2 and up to 3x3 with stride 1. */
#ifndef FW_DEPTHWISE_RING_S8_MVE_H
#define FW_DEPTHWISE_RING_S8_MVE_H

#include <stdint.h>

#include "depthwise_rows_s8_mve.h"

typedef struct {
  int32_t batches, channels;
  int32_t input_h, input_w;
  int32_t output_h, output_w;
  int32_t pad_top, pad_left, pad_value;
  int32_t taps, output_zero_point;
  int32_t out_rows;    /* that two pairs of rows give: 1 with stride 2, 2 with stride 1 */
  int32_t tables;      /* of windows, as many as outputs of a patch: 1 or 4 */
  int32_t words;       /* of 4 bytes of a pair of rows in a plane */
  int32_t inner;       /* words with two columns of the input, */
  int32_t first;       /* from this one on */
  int32_t left, right; /* 1: the word before them, or after, has one column of the input */
  int32_t backwards;   /* 1: from the last row to the first */
  int32_t units;       /* entries of the table for two pairs of rows */
  int32_t last;        /* the first entry for the last ones, 0: the same */
} fw_depthwise_ring_s8_mve_params;

/* input (batches, input_h, input_w, channels), of which up to 15 bytes after the last may be read;
 * output (batches, output_h, output_w, channels); it begins at a multiple of 4 bytes if channels
 * are a multiple of 4. Packed as mve_records.h says, with the places of all tables. */
void fw_depthwise_ring_s8_mve(const fw_depthwise_ring_s8_mve_params* p, const int8_t* input,
                              const int8_t* restrict packed, const uint16_t* restrict units,
                              fw_depthwise_dot* dot, int8_t* output, uint8_t* restrict scratch);

#endif
