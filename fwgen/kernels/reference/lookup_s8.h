/* Each byte to another by a table: reference variant of all ops of one operand of 8 bits. */
#ifndef FW_LOOKUP_S8_H
#define FW_LOOKUP_S8_H

#include <stdint.h>

/* table: 256 entries by the bits of the input: of int8 for 0 to 127 and then for -128 to -1.
 * output may be input. */
void fw_lookup_s8(const void* table, const void* input, void* output, int32_t elements);

#endif
