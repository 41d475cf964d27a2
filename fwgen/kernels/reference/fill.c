/* out[i] = value */
#include "fill.h"

void fw_fill(void* output, int32_t value, uint32_t bytes) {
  __builtin_memset(output, value, bytes);
}
