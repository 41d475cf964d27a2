/* Mean of int8 rows of channels, channel by channel, for MVE. */
#ifndef FW_MEAN_S8_MVE_H
#define FW_MEAN_S8_MVE_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t batches, count, channels;
  int32_t offset; /* -input zero point * count */
  int32_t output_multiplier;
  int32_t output_shift; /* -31 to -1 */
  int32_t output_zero_point;
} fw_mean_s8_mve_params;

/* input (batches, count, channels), output (batches, channels). */
void fw_mean_s8_mve(const fw_mean_s8_mve_params* p, const int8_t* restrict input,
                    int8_t* restrict output);

#endif
