/* out[i] = value */
#include "fill.h"

#include <string.h>

void fw_fill(void* output, int32_t value, uint32_t bytes) { memset(output, value, bytes); }
