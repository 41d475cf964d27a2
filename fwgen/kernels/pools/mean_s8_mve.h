/* Means and sums of int8 along axes before the last, channel by channel, for MVE. */
#ifndef FW_MEAN_S8_MVE_H
#define FW_MEAN_S8_MVE_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t outer[2], outer_stride[2]; /* kept axes before the channels */
  int32_t channels;
  int32_t reduced[3], reduced_stride[3];
  int32_t offset; /* -input zero point * number of elements per output */
  int32_t left;   /* shift before the multiplication, 0 or more */
  int32_t output_multiplier;
  int32_t right; /* shift after it, 0 or less */
  int32_t output_zero_point;
} fw_mean_s8_mve_params;

/* Channels follow one another; output (outer, channels). */
void fw_mean_s8_mve(const fw_mean_s8_mve_params* p, const int8_t* restrict input,
                    int8_t* restrict output);

#endif
