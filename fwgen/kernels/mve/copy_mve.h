/* Copies a tensor as it is, with MVE. */
#ifndef FW_COPY_MVE_H
#define FW_COPY_MVE_H

#include <stdint.h>

/* As fw_copy. */
void fw_copy_mve(const void* input, void* output, int32_t bytes);

#endif
