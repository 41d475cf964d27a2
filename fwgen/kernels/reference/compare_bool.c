/* out = whether in1 is less, equal, greater or none of them, as p->holds says; raw values. */
#include "compare_bool.h"

void fw_compare_bool(const fw_compared_pairs* p, const uint8_t* input1, const uint8_t* input2,
                     uint8_t* output) {
#define FW_OF(a, b) FW_COMPARED(p->holds, a, b)
#include "pair_rows.h"
}
