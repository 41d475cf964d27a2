/* An element-wise kernel for MVE on two int8 tensors, of which either may be broadcast. */
#ifndef FW_BROADCAST_S8_MVE_H
#define FW_BROADCAST_S8_MVE_H

#include <stdint.h>

#include "mve_elementwise.h"
#include "rows.h"

typedef struct {
  int32_t size[FW_LEVELS]; /* of the output, outermost first */
  int32_t input1_stride[FW_LEVELS], input2_stride[FW_LEVELS];
  int32_t part; /* bytes of scratch: most elements at a time of a row that repeats one value */
} fw_broadcast_s8_mve_params;

/* Calls `kernel` with `numbers`, its own params, for each row. Inputs are read with their strides:
 * in rows 1, or 0 in one of them, whose value is repeated in scratch. output is dense; it may be an
 * input that is not broadcast. */
void fw_broadcast_s8_mve(const fw_broadcast_s8_mve_params* p, fw_mve_elementwise* kernel,
                         const void* numbers, const int8_t* input1, const int8_t* input2,
                         int8_t* output, void* restrict scratch);

#endif
