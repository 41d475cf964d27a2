/* A row costs its call, some 60 cycles, and where an input repeats one value, filling a part of
 * scratch with it once. */
#include "broadcast_s8_mve.h"

#include "mve_copy.h"

void fw_broadcast_s8_mve(const fw_broadcast_s8_mve_params* p, fw_mve_elementwise* kernel,
                         const void* numbers, const int8_t* input1, const int8_t* input2,
                         int8_t* output, void* restrict scratch) {
  const int32_t row = p->size[FW_LEVELS - 1];
  const int32_t step1 = p->input1_stride[FW_LEVELS - 1];
  const int32_t step2 = p->input2_stride[FW_LEVELS - 1];
  const int32_t part = step1 && step2 ? row : p->part;

  fw_rows rows = {0};
  do {
    const int8_t* in1 = input1 + rows.a;
    const int8_t* in2 = input2 + rows.b;
    if (!step1 || !step2) fw_mve_fill(scratch, step1 ? *in2 : *in1, part);
    if (!step1) in1 = scratch;
    if (!step2) in2 = scratch;
    for (int32_t i = 0; i < row; i += part) {
      const int32_t count = row - i < part ? row - i : part;
      kernel(numbers, in1 + i * step1, in2 + i * step2, output, count);
      output += count;
    }
  } while (fw_next_row(&rows, p->size, p->input1_stride, p->input2_stride));
}
