/* Each int8 value to another by a table: reference variant of all ops of one int8 operand. */
#ifndef FW_LOOKUP_S8_H
#define FW_LOOKUP_S8_H

#include <stdint.h>

/* table: 256 entries, for 0 to 127 and then for -128 to -1. output may be input. */
void fw_lookup_s8(const int8_t* table, const int8_t* input, int8_t* output, int32_t elements);

#endif
