/* Copies a tensor as it is. */
#ifndef FW_COPY_H
#define FW_COPY_H

#include <stdint.h>

/* input and output do not overlap. */
void fw_copy(const void* input, void* output, uint32_t bytes);

#endif
