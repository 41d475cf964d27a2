/* out = requantize(near + far), both at the reference's common scale. The operand of the greater
 * scale, near, is half of what it was there, without any rounding. The other one, far, is rounded
 * twice: a table has what becomes of its 256 values.
 *
 * 10 instructions for an element, and 7 beside for a turn of 4.
 */
#include "sum_table_s8_dsp.h"

/* What the loop takes, in the order in which it loads it. */
typedef struct {
  const int8_t *near, *far;
  int8_t *output, *end;
  const int32_t* table;
  int32_t near_weight;
  fw_rescaling rescaling;
} sum_table_block;

/* In r0 to r6, r8, r9: the block. Words of near and far: r10, r11. */
/* clang-format off */
#define TWO_SUMS(k, first, second)            \
  "uxtb r12, r11, ror #" first "\n"      \
  "uxtb lr, r11, ror #" second "\n"      \
  "ldr r12, [r4, r12, lsl #2]\n"         \
  "ldr lr, [r4, lr, lsl #2]\n"           \
  "sxtb r7, r10, ror #" first "\n"       \
  "mla r12, r5, r7, r12\n"               \
  "sxtb r7, r10, ror #" second "\n"      \
  "mla lr, r5, r7, lr\n"                 \
  FW_RESCALE_TWO("r12", "lr", "r7", "r6", "r8", "r9") \
  "strb r12, [r2, #" k "]\n"             \
  "strb lr, [r2, #" k " + 1]\n"
/* clang-format on */

/* Elements up to `end`, a multiple of 4 and not 0 of them. */
static void sum_table_fours(const sum_table_block* b) {
  register const sum_table_block* r0 __asm__("r0") = b;
  __asm__ volatile(
      "push {r7}\n"
      "ldm r0, {r0, r1, r2, r3, r4, r5, r6, r8, r9}\n"
      "1:\n"
      "ldr r10, [r0], #4\n"
      "ldr r11, [r1], #4\n"
      TWO_SUMS("0", "0", "8")
      TWO_SUMS("2", "16", "24")
      "add r2, r2, #4\n"
      "cmp r2, r3\n"
      "bne 1b\n"
      "pop {r7}\n"
      : "+r"(r0)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}

#undef TWO_SUMS

void fw_sum_table_s8_dsp(const fw_sum_table_s8_dsp_params* p, const int32_t* table,
                         const int8_t* near, const int8_t* far, int8_t* output, int32_t count) {
  const int32_t whole = count & ~3;
  const sum_table_block b = {.near = near,
                             .far = far,
                             .output = output,
                             .end = output + whole,
                             .table = table,
                             .near_weight = p->near_weight,
                             .rescaling = p->rescaling};

  if (whole > 0) sum_table_fours(&b);
  for (int32_t i = whole; i < count; i++) {
    const int32_t sum = p->near_weight * near[i] + table[(uint8_t)far[i]];
    output[i] = fw_rescaled_byte(p->rescaling, sum);
  }
}
