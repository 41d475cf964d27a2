/* int8 values added to sums: a step of the reference variant of a sum of many tensors. */
#ifndef FW_ADD_TO_SUMS_S8_H
#define FW_ADD_TO_SUMS_S8_H

#include <stdint.h>

/* first: 1 where the sums are yet to be set. A sum of 255 values fits. */
void fw_add_to_sums_s8(const int8_t* input, int16_t* sums, int32_t elements, int32_t first);

#endif
