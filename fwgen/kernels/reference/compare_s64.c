/* out = whether in1 is less, equal, greater or none of them, as p->holds says; raw values. */
#include "compare_s64.h"

void fw_compare_s64(const fw_compared_pairs* p, const int64_t* input1, const int64_t* input2,
                    uint8_t* output) {
#define FW_OF(a, b) FW_COMPARED(p->holds, a, b)
#include "pair_rows.h"
}
