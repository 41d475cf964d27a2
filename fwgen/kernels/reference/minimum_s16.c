/* out = min(in1, in2) of the raw values; one comparison per output. */
#include "minimum_s16.h"

void fw_minimum_s16(const fw_pairs* p, const int16_t* input1, const int16_t* input2,
                    int16_t* output) {
#define FW_OF(a, b) ((a) < (b) ? (a) : (b))
#include "pair_rows.h"
}
