/* Maximum pool by CMSIS-NN, int8. */
#ifndef FW_CMSIS_MAX_POOL_S8_H
#define FW_CMSIS_MAX_POOL_S8_H

#include "cmsis_nn.h"

typedef struct {
  cmsis_nn_pool_params pool;
  cmsis_nn_dims input, filter, output;
} fw_cmsis_max_pool_s8_params;

/* input (batches, h, w, c), output (batches, h, w, c). */
void fw_cmsis_max_pool_s8(const fw_cmsis_max_pool_s8_params* p, const int8_t* input,
                          int8_t* output);

#endif
