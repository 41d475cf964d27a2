/* Products of float matrices: reference variant. */
#ifndef FW_BATCH_MATMUL_F32_H
#define FW_BATCH_MATMUL_F32_H

#include <stdint.h>

#include "batch_matmul.h"

/* output (batches, rows, columns). */
void fw_batch_matmul_f32(const fw_batch_matmul_params* p, const float* left, const float* right,
                         float* output);

#endif
