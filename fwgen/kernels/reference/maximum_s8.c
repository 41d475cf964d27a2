/* out = max(in1, in2) of the raw values; one comparison per output. */
#include "maximum_s8.h"

void fw_maximum_s8(const fw_pairs* p, const int8_t* input1, const int8_t* input2, int8_t* output) {
#define FW_OF(a, b) ((a) > (b) ? (a) : (b))
#include "pair_rows.h"
}
