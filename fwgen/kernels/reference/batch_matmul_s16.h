/* Products of int16 matrices: reference variant. */
#ifndef FW_BATCH_MATMUL_S16_H
#define FW_BATCH_MATMUL_S16_H

#include <stdint.h>

#include "batch_matmul.h"

/* output (batches, rows, columns). */
void fw_batch_matmul_s16(const fw_batch_matmul_params* p, const int16_t* left, const int16_t* right,
                         int16_t* output);

#endif
