/* Arithmetic: mve_matrix.h. A byte b with weight w1 in its high half and w0 + 8 in its low one
 * needs no mask, as it is 16 * w1 + w0 + 8: sum x * w1 = sum x * (b >> 4) sum x * w0 = sum x * b -
 * 16 * sum x * w1 - 8 * sum x The last term is the same for all channels.
 *
 * Per 16 inputs and 4 channels: 3 loads, 2 shifts and 4 multiply-accumulates, 9 cycles; 4 channels
 * add some 35.
 */
#include "matrix_nibbles_s8_mve.h"

#include <stddef.h>

#include "mve_requantize.h"

/* clang-format off */
static inline int32_t sum_of(const int8_t* input, int32_t depth) {
  int32_t sum = 0;
  __asm__ volatile(
      "dlstp.8 lr, %[depth]\n"
      "1:\n"
      "vldrb.u8 q0, [%[input]], #16\n"
      "vaddva.s8 %[sum], q0\n"
      "letp lr, 1b\n"
      : [input] "+r"(input), [sum] "+Te"(sum)
      : [depth] "r"(depth)
      : "lr", "q0", "memory");
  return sum;
}

static void nibbles_pixel(const fw_matrix_params* p, const int8_t* input, const int8_t* weights,
                          int8_t* output) {
  const int32_t less = 8 * sum_of(input, p->depth);
  const int32_t of_sums[4] = {-less, 0, -less, 0};
  int32_t left = p->channels; /* from these 4 on */
  const void* x = of_sums;
  int32_t a0, a1, a2, a3;
  __asm__ volatile(
      "vldrw.32 q7, [%[x]]\n"
      "1:\n"
      "vldrw.32 q5, [%[w]], #16\n"
      "movs %[a0], #0\n"
      "mov %[x], %[input]\n"
      "vldrw.32 q6, [%[w]], #16\n"
      "movs %[a1], #0\n"
      "mov %[a2], #0\n"
      "vldrb.u8 q2, [%[w]], #16\n"
      "mov %[a3], #0\n"
      "ldr lr, [%[p], %[depth]]\n"
      "add lr, lr, #15\n"
      "lsr lr, lr, #4\n"
      "dls lr, lr\n"
      "vadd.i32 q5, q5, q7\n"
      "2:\n"
      "vldrb.u8 q0, [%[x]], #16\n"
      "vmladava.s8 %[a0], q0, q2\n"
      "vldrb.u8 q4, [%[w]], #16\n"
      "vmladava.s8 %[a2], q0, q4\n"
      "vshr.s8 q3, q2, #4\n"
      "vmladava.s8 %[a1], q0, q3\n"
      "vldrb.u8 q2, [%[w]], #16\n"
      "vshr.s8 q1, q4, #4\n"
      "vmladava.s8 %[a3], q0, q1\n"
      "le lr, 2b\n"
      "sub %[a0], %[a0], %[a1], lsl #4\n"
      "sub %[a2], %[a2], %[a3], lsl #4\n"
      "vmov q0[3], q0[1], %[a1], %[a3]\n"
      "vmov q0[2], q0[0], %[a0], %[a2]\n"
      "vctp.32 %[left]\n"
      "vadd.i32 q0, q0, q5\n"
      "subs %[left], %[left], #4\n"
      FW_MVE_SCALE("q0", "q6")
      FW_MVE_AWAY("q0", "q1")
      FW_MVE_SHIFT("q0", "q2")
      "ldr lr, [%[p], %[zero]]\n"
      "vqadd.s32 q0, q0, lr\n"
      FW_MVE_HALF_B("q0", "q0")
      FW_MVE_BYTE_B("q0", "q0")
      "vpst\n"
      "vstrbt.32 q0, [%[out]], #4\n"
      "bgt 1b\n"
      : [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3), [w] "+l"(weights),
        [x] "+&l"(x), [out] "+l"(output), [left] "+h"(left)
      : [input] "h"(input), [p] "h"(p), [depth] "i"(offsetof(fw_matrix_params, depth)),
        [zero] "i"(offsetof(fw_matrix_params, zero_point))
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "cc", "memory");
}
/* clang-format on */

void fw_matrix_nibbles_s8_mve(const fw_matrix_params* p, const int8_t* input, int32_t count,
                              const int8_t* weights, int8_t* output) {
  for (int32_t pixel = 0; pixel < count; pixel++) {
    nibbles_pixel(p, input + pixel * p->input_pitch, weights, output + pixel * p->output_pitch);
  }
}
