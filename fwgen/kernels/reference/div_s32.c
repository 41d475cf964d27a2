/* out = clamp(in1 / in2), cut off towards 0. Where in2 is 0, out is what in1 divided by a tiny
 * number would be; the one quotient that does not fit is saturated, too. */
#include "div_s32.h"

static inline int32_t fw_quotient(int32_t a, int32_t b) {
  if (b == 0) return a > 0 ? INT32_MAX : a < 0 ? INT32_MIN : 0;
  return a == INT32_MIN && b == -1 ? INT32_MAX : a / b;
}

void fw_div_s32(const fw_clamped_pairs* p, const int32_t* input1, const int32_t* input2,
                int32_t* output) {
#define FW_OF(a, b) fw_clamp(fw_quotient(a, b), p->low, p->high)
#include "pair_rows.h"
}
