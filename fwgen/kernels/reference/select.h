/* What the functions share that take elements of one of two tensors by a condition. */
#ifndef FW_SELECT_H
#define FW_SELECT_H

#include <stdint.h>

#include "rows.h"

typedef struct {
  int32_t size[FW_LEVELS]; /* of the output, outermost first */
  int32_t condition_stride[FW_LEVELS], input1_stride[FW_LEVELS], input2_stride[FW_LEVELS];
} fw_select_params;

#endif
