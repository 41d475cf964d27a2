/* out = (in1 - in2)^2; both wrap at 32 bits. */
#include "squared_difference_s32.h"

static inline int32_t fw_wrapped_square(int32_t a, int32_t b) {
  const uint32_t difference = (uint32_t)a - (uint32_t)b;
  return (int32_t)(difference * difference);
}

void fw_squared_difference_s32(const fw_pairs* p, const int32_t* input1, const int32_t* input2,
                               int32_t* output) {
#define FW_OF(a, b) fw_wrapped_square(a, b)
#include "pair_rows.h"
}
