/* out = clamp(in1 + in2), which wraps at 32 bits before. */
#include "add_s32.h"

void fw_add_s32(const fw_clamped_pairs* p, const int32_t* input1, const int32_t* input2,
                int32_t* output) {
#define FW_OF(a, b) fw_clamp((int32_t)((uint32_t)(a) + (uint32_t)(b)), p->low, p->high)
#include "pair_rows.h"
}
