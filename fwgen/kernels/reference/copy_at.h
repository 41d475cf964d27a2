/* Copies a window out of a tensor, or into one, that begins where another tensor says. */
#ifndef FW_COPY_AT_H
#define FW_COPY_AT_H

#include <stdint.h>

#include "strided_copy.h"

typedef struct {
  int32_t size[FW_LEVELS], input_stride[FW_LEVELS], output_stride[FW_LEVELS]; /* of the window */
  int32_t dimensions;                               /* numbers of the start */
  int32_t most[FW_LEVELS], start_stride[FW_LEVELS]; /* of each: the greatest; bytes of one */
  int32_t into;                                     /* 1: into the output, 0: out of the input */
  int32_t wide;                                     /* 1: the numbers have 64 bits, 0: 32 */
} fw_copy_at_params;

/* A number of the start below 0 counts as 0, one that is too large as the greatest: the window is
 * inside, whatever they are. copy: fw_strided_copy or its twin. */
void fw_copy_at(const fw_copy_at_params* p, const void* start, const void* input, void* output,
                void (*copy)(const fw_strided_copy_params* p, const void* input, void* output));

#endif
