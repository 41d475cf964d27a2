/* A load and a store of 16 bytes: 4 cycles. */
#include "copy_mve.h"

#include "mve_copy.h"

void fw_copy_mve(const void* input, void* output, int32_t bytes) {
  fw_mve_copy(input, bytes, output);
}
