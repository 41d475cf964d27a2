/* out = max(in1, in2) of the raw values; one comparison per output. */
#include "maximum_s32.h"

void fw_maximum_s32(const fw_pairs* p, const int32_t* input1, const int32_t* input2,
                    int32_t* output) {
#define FW_OF(a, b) ((a) > (b) ? (a) : (b))
#include "pair_rows.h"
}
