/* The difference of two int8 tensors; no sum at the common scale exceeds 2^28. */
#include "sub_s8.h"

void fw_sub_s8(const fw_add_sub_params* p, const int8_t* input1, const int8_t* input2,
               int8_t* output) {
#define FW_ELEMENT int8_t
#define FW_FRACTION_BITS 20
#define FW_SIGN -
#include "add_sub_rows.h"
}
