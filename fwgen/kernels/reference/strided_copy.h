/* Copies bytes between two strided layouts: slices, transposes, blocks of a larger tensor. */
#ifndef FW_STRIDED_COPY_H
#define FW_STRIDED_COPY_H

#include <stdint.h>

#include "rows.h"

/* All in bytes; strides may be negative or 0, every byte reached lies inside its tensor. */
typedef struct {
  int32_t size[FW_LEVELS]; /* outermost first */
  int32_t input_stride[FW_LEVELS], output_stride[FW_LEVELS];
  int32_t input_offset, output_offset; /* of the first byte */
} fw_strided_copy_params;

/* input and output do not overlap. */
void fw_strided_copy(const fw_strided_copy_params* p, const void* input, void* output);

#endif
