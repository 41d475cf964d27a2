/* out[i] = value: 2 cycles per 16 bytes. */
#include "fill_mve.h"

#include "mve_copy.h"

void fw_fill_mve(void* output, int32_t value, uint32_t bytes) {
  fw_mve_fill(output, value, (int32_t)bytes);
}
