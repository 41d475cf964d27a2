/* A tensor's part of a concatenation by CMSIS-NN, int8. */
#ifndef FW_CMSIS_CONCATENATION_S8_H
#define FW_CMSIS_CONCATENATION_S8_H

#include "cmsis_nn.h"

typedef struct {
  uint16_t blocks, bytes;
  uint16_t output_bytes, offset;
} fw_cmsis_concatenation_s8_params;

/* Blocks of `bytes` each, one after the other in the input, to `offset` of every `output_bytes` of
 * the output. */
void fw_cmsis_concatenation_s8(const fw_cmsis_concatenation_s8_params* p, const int8_t* input,
                               int8_t* output);

#endif
