/* A row costs its call, some 60 cycles, and where an input repeats one value, filling a part of
 * scratch with it once. */
#include "broadcast_s16_mve.h"

static inline void fill_s16(int16_t* to, int32_t value, int32_t count) {
  __asm__ volatile(
      "vdup.16 q0, %[value]\n"
      "wlstp.16 lr, %[count], 2f\n"
      "1:\n"
      "vstrh.16 q0, [%[to]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [to] "+r"(to)
      : [value] "r"(value), [count] "r"(count)
      : "lr", "q0", "memory");
}

void fw_broadcast_s16_mve(const fw_broadcast_s8_mve_params* p, fw_mve_elementwise_s16* kernel,
                          const void* numbers, const int16_t* input1, const int16_t* input2,
                          int16_t* output, void* restrict scratch) {
  const int32_t row = p->size[FW_LEVELS - 1];
  const int32_t step1 = p->input1_stride[FW_LEVELS - 1];
  const int32_t step2 = p->input2_stride[FW_LEVELS - 1];
  const int32_t part = step1 && step2 ? row : p->part;

  fw_rows rows = {0};
  do {
    const int16_t* in1 = input1 + rows.a;
    const int16_t* in2 = input2 + rows.b;
    if (!step1 || !step2) fill_s16(scratch, step1 ? *in2 : *in1, part);
    if (!step1) in1 = scratch;
    if (!step2) in2 = scratch;
    for (int32_t i = 0; i < row; i += part) {
      const int32_t count = row - i < part ? row - i : part;
      kernel(numbers, in1 + i * step1, in2 + i * step2, output, count);
      output += count;
    }
  } while (fw_next_row(&rows, p->size, p->input1_stride, p->input2_stride));
}
