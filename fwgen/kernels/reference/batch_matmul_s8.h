/* Products of int8 matrices: reference variant. */
#ifndef FW_BATCH_MATMUL_S8_H
#define FW_BATCH_MATMUL_S8_H

#include <stdint.h>

#include "batch_matmul.h"

/* output (batches, rows, columns). */
void fw_batch_matmul_s8(const fw_batch_matmul_params* p, const int8_t* left, const int8_t* right,
                        int8_t* output);

#endif
