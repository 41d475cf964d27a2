/* out = max(in1, in2) of the raw values; one comparison per output. */
#include "maximum_s64.h"

void fw_maximum_s64(const fw_pairs* p, const int64_t* input1, const int64_t* input2,
                    int64_t* output) {
#define FW_OF(a, b) ((a) > (b) ? (a) : (b))
#include "pair_rows.h"
}
