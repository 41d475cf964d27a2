/* v6m_sums.h with a table for each input: 23 cycles of a Cortex-M0+ for an element. */
#include "sum_tables_s8_v6m.h"

#define LOOKED_UP(to, input, table) \
  "ldrb " to ", [" input            \
  ", r0]\n"                         \
  "lsls " to ", " to                \
  ", #2\n"                          \
  "ldr " to ", [" table ", " to "]\n"

static void looked_up_fours(const fw_v6m_sums* block) {
  register const fw_v6m_sums* r0 __asm__("r0") = block;
  __asm__ volatile(FW_V6M_SUMS(LOOKED_UP, LOOKED_UP) : "+r"(r0) : : FW_V6M_SUMS_CLOBBERED);
}

void fw_sum_tables_s8_v6m(const fw_sum_tables_s8_v6m_params* p, const int32_t* tables,
                          const int8_t* input1, const int8_t* input2, int8_t* output,
                          int32_t count) {
  const int32_t whole = count & ~3;
  const fw_v6m_sums block = {.input1 = input1,
                             .input2 = input2,
                             .output = output,
                             .first = tables,
                             .second = tables + 256,
                             .sum = p->sum,
                             .count = whole};

  if (whole > 0) looked_up_fours(&block);
  for (int32_t i = whole; i < count; i++) {
    output[i] =
        fw_v6m_output_of(&p->sum, tables[(uint8_t)input1[i]] + tables[256 + (uint8_t)input2[i]]);
  }
}
