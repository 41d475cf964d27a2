/* out = requantize((in1 - zp1) * (in2 - zp2)).
 *
 * SXTAB16 widens two inputs and takes the zero point away. 9 instructions for an element, and 5
 * beside for a turn of 4.
 */
#include "mul_s8_dsp.h"

/* What the loop takes, in the order in which it loads it. */
typedef struct {
  const int8_t *input1, *input2;
  int8_t *output, *end;
  uint32_t less1, less2; /* the zero points, negative, in both halfwords */
  fw_rescaling rescaling;
} mul_block;

/* In r0 to r6, r8, r9: the block. Words of inputs: r10, r11. */
/* clang-format off */
#define TWO_PRODUCTS(k, rotation)                 \
  "sxtab16 r12, r4, r10" rotation "\n"   \
  "sxtab16 lr, r5, r11" rotation "\n"    \
  "smulbb r7, r12, lr\n"                 \
  "smultt r12, r12, lr\n"                \
  "lsl r7, r7, #2\n"                     \
  "lsl r12, r12, #2\n"                   \
  FW_RESCALE_TWO("r7", "r12", "lr", "r6", "r8", "r9") \
  "strb r7, [r2, #" k "]\n"              \
  "strb r12, [r2, #" k " + 2]\n"
/* clang-format on */

/* Elements up to `end`, a multiple of 4 and not 0 of them. */
static void mul_fours(const mul_block* b) {
  register const mul_block* r0 __asm__("r0") = b;
  __asm__ volatile(
      "push {r7}\n"
      "ldm r0, {r0, r1, r2, r3, r4, r5, r6, r8, r9}\n"
      "1:\n"
      "ldr r10, [r0], #4\n"
      "ldr r11, [r1], #4\n"
      TWO_PRODUCTS("0", "")
      TWO_PRODUCTS("1", ", ror #8")
      "add r2, r2, #4\n"
      "cmp r2, r3\n"
      "bne 1b\n"
      "pop {r7}\n"
      : "+r"(r0)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}

#undef TWO_PRODUCTS

static uint32_t in_both(int32_t value) { return (uint32_t)(uint16_t)value * 0x10001u; }

void fw_mul_s8_dsp(const fw_mul_s8_dsp_params* p, const int8_t* input1, const int8_t* input2,
                   int8_t* output, int32_t count) {
  const int32_t zero1 = p->input1_zero_point, zero2 = p->input2_zero_point;
  const int32_t whole = count & ~3;
  const mul_block b = {.input1 = input1,
                       .input2 = input2,
                       .output = output,
                       .end = output + whole,
                       .less1 = in_both(-zero1),
                       .less2 = in_both(-zero2),
                       .rescaling = p->rescaling};

  if (whole > 0) mul_fours(&b);
  for (int32_t i = whole; i < count; i++) {
    output[i] = fw_rescaled_byte(p->rescaling, 4 * (input1[i] - zero1) * (input2[i] - zero2));
  }
}
