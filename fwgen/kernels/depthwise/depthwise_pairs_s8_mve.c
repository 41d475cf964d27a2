#include "depthwise_pairs_s8_mve.h"

#include "mve_pairs.h"

void fw_depthwise_pairs_s8_mve(const fw_depthwise_pairs_s8_mve_params* p, const int8_t* input,
                               const int8_t* restrict records, const int32_t* restrict taps,
                               int8_t* output, void* restrict scratch) {
  fw_mve_pairs(p, 1, 0, input, records, taps, output, scratch);
}
