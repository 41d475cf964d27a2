/* Products of matrices of activations, int8, for MVE. */
#ifndef FW_BATCH_MATMUL_S8_MVE_H
#define FW_BATCH_MATMUL_S8_MVE_H

#include <stdint.h>

#include "mve_required.h"

/* Batches are up to three dimensions, outermost first; an operand that is broadcast along one has a
 * stride of 0 there. */
typedef struct {
  int32_t batch_size[3], left_batch_stride[3], right_batch_stride[3];
  int32_t rows, columns, depth;
  int32_t left_turned, right_turned; /* 1: depth by depth; less than 9363 rows or columns then */
  int32_t left_zero_point, right_zero_point, output_zero_point;
  int32_t output_multiplier;
  int32_t left_shift, right_shift; /* of a sum before it is multiplied, and after: 0 or less */
} fw_batch_matmul_s8_mve_params;

/* left (..., rows, depth), right (..., columns, depth), output (..., rows, columns); turned
 * operands are (..., depth, rows) and (..., depth, columns). scratch: a word per column, rounded up
 * to 4 words, then `depth` bytes if left is turned, rounded up to 16, then right's bytes if it is.
 */
void fw_batch_matmul_s8_mve(const fw_batch_matmul_s8_mve_params* p, const int8_t* left,
                            const int8_t* right, uint8_t* scratch, int8_t* output);

#endif
