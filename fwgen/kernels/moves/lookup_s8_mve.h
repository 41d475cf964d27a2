/* Each int8 value to another by a table, for MVE: all ops of one int8 operand. */
#ifndef FW_LOOKUP_S8_MVE_H
#define FW_LOOKUP_S8_MVE_H

#include <stdint.h>

#include "mve_required.h"

/* table: 256 entries, for 0 to 127 and then for -128 to -1. output may be input. */
void fw_lookup_s8_mve(const void* table, const void* input, void* output, int32_t elements);

#endif
