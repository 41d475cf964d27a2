/* Depthwise convolution for MVE by products of 16 channels at a time: any window, any channels. */
#ifndef FW_DEPTHWISE_PAIRS_S8_MVE_H
#define FW_DEPTHWISE_PAIRS_S8_MVE_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t batches, channels;
  int32_t input_h, input_w;
  int32_t output_h, output_w;
  int32_t pad_top, pad_left, pad_value;
  int32_t stride_h, stride_w;
  int32_t strip_h, rows; /* output rows computed at a time, and padded input rows that they need */
  int32_t phase_pixels;  /* of a padded row, of each residue of its columns by the stride */
  int32_t backwards;     /* 1: from the last strip to the first */
  int32_t pairs;         /* of taps, per output */
  int32_t record_bytes;  /* of the weights and parameters of 16 channels */
} fw_depthwise_pairs_s8_mve_params;

/* input (batches, input_h, input_w, channels), output (batches, output_h, output_w, channels).
 * taps: of each pair where its two inputs are in the image of a strip, in bytes after an output's
 * first one; then a pair of zeros. */
void fw_depthwise_pairs_s8_mve(const fw_depthwise_pairs_s8_mve_params* p, const int8_t* input,
                               const int8_t* restrict records, const int32_t* restrict taps,
                               int8_t* output, void* restrict scratch);

#endif
