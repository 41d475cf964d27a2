/* out = in1 || in2, 0 or 1. */
#include "logical_or_bool.h"

void fw_logical_or_bool(const fw_pairs* p, const uint8_t* input1, const uint8_t* input2,
                        uint8_t* output) {
#define FW_OF(a, b) (uint8_t)((a) || (b))
#include "pair_rows.h"
}
