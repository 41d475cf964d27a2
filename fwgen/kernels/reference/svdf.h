/* The parameters of the kernels of SVDF. */
#ifndef FW_SVDF_H
#define FW_SVDF_H

#include <stdint.h>

typedef struct {
  int32_t batches, units, rank, memory;
  int32_t state_zero_point;
  int32_t multiplier, shift; /* of the sums */
  int32_t output_zero_point;
} fw_svdf_params;

#endif
