/* Depthwise convolution for MVE of which each input channel gives several output channels. */
#ifndef FW_DEPTHWISE_MULTIPLE_S8_MVE_H
#define FW_DEPTHWISE_MULTIPLE_S8_MVE_H

#include "depthwise_pairs_s8_mve.h"

typedef struct {
  fw_depthwise_pairs_s8_mve_params pairs; /* of its output channels */
  int32_t multiplier;                     /* output channels of an input channel */
} fw_depthwise_multiple_s8_mve_params;

/* input (batches, input_h, input_w, channels / multiplier); the rest as for
 * fw_depthwise_pairs_s8_mve. */
void fw_depthwise_multiple_s8_mve(const fw_depthwise_multiple_s8_mve_params* p, const int8_t* input,
                                  const int8_t* restrict records, const int32_t* restrict taps,
                                  int8_t* output, void* restrict scratch);

#endif
