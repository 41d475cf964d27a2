/* v6m_sums.h with a weight for each input: 19 cycles of a Cortex-M0+ for an element. */
#include "sum_s8_v6m.h"

#define WEIGHTED(to, input, weight) \
  "ldrsb " to ", [" input           \
  ", r0]\n"                         \
  "muls " to ", " weight ", " to "\n"

static void weighted_fours(const fw_v6m_sums* block) {
  register const fw_v6m_sums* r0 __asm__("r0") = block;
  __asm__ volatile(FW_V6M_SUMS(WEIGHTED, WEIGHTED) : "+r"(r0) : : FW_V6M_SUMS_CLOBBERED);
}

void fw_sum_s8_v6m(const fw_sum_s8_v6m_params* p, const int8_t* input1, const int8_t* input2,
                   int8_t* output, int32_t count) {
  const int32_t whole = count & ~3;
  const fw_v6m_sums block = {.input1 = input1,
                             .input2 = input2,
                             .output = output,
                             .first = (const void*)p->weight1,
                             .second = (const void*)p->weight2,
                             .sum = p->sum,
                             .count = whole};

  if (whole > 0) weighted_fours(&block);
  for (int32_t i = whole; i < count; i++) {
    output[i] = fw_v6m_output_of(&p->sum, p->weight1 * input1[i] + p->weight2 * input2[i]);
  }
}
