/* Depthwise convolution for MVE of any scales, of which an input channel gives one or more outputs.
 */
#ifndef FW_DEPTHWISE_ANY_S8_MVE_H
#define FW_DEPTHWISE_ANY_S8_MVE_H

#include "depthwise_multiple_s8_mve.h"

/* As fw_depthwise_multiple_s8_mve; each record has shifts to the left before it. */
void fw_depthwise_any_s8_mve(const fw_depthwise_multiple_s8_mve_params* p, const int8_t* input,
                             const int8_t* restrict records, const int32_t* restrict taps,
                             int8_t* output, void* restrict scratch);

#endif
