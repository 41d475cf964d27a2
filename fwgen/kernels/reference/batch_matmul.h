/* Products of matrices, both of which are activations: what the reference variants share. */
#ifndef FW_BATCH_MATMUL_H
#define FW_BATCH_MATMUL_H

#include <stdint.h>

/* Batches are up to three dimensions, outermost first; an operand that is broadcast along one has a
 * stride of 0 there. A transposed operand is one whose strides are swapped. */
typedef struct {
  int32_t batch_size[3], left_batch_stride[3], right_batch_stride[3];
  int32_t rows, columns, depth;
  int32_t left_row_stride, left_depth_stride, right_depth_stride, right_column_stride;
  int32_t left_zero_point, right_zero_point, output_zero_point;
  int32_t output_multiplier, output_shift;
} fw_batch_matmul_params;

#endif
