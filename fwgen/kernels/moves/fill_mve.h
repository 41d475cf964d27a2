/* Sets every byte of a tensor to one value, for MVE. */
#ifndef FW_FILL_MVE_H
#define FW_FILL_MVE_H

#include <stdint.h>

#include "mve_required.h"

/* value: -128 to 127, the byte as a signed number. */
void fw_fill_mve(void* output, int32_t value, uint32_t bytes);

#endif
