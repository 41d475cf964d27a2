/* Average pool by CMSIS-NN, int8. */
#ifndef FW_CMSIS_AVGPOOL_S8_H
#define FW_CMSIS_AVGPOOL_S8_H

#include "cmsis_nn.h"

typedef struct {
  cmsis_nn_pool_params pool;
  cmsis_nn_dims input, filter, output;
  int32_t scratch_bytes;
} fw_cmsis_avgpool_s8_params;

/* input (batches, h, w, c), output (batches, h, w, c). */
void fw_cmsis_avgpool_s8(const fw_cmsis_avgpool_s8_params* p, const int8_t* input, void* scratch,
                         int8_t* output);

/* Bytes of scratch memory that the linked library wants for it. */
int32_t fw_cmsis_avgpool_s8_bytes(const fw_cmsis_avgpool_s8_params* p);

#endif
