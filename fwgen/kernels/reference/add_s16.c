/* The sum of two int16 tensors; no sum at the common scale exceeds 2^30. */
#include "add_s16.h"

void fw_add_s16(const fw_add_sub_params* p, const int16_t* input1, const int16_t* input2,
                int16_t* output) {
#define FW_ELEMENT int16_t
#define FW_FRACTION_BITS 15
#define FW_SIGN +
#include "add_sub_rows.h"
}
