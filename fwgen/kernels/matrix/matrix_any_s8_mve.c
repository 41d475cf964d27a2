/* Arithmetic: mve_matrix.h, for what its layout has no room for: biases of 32 bits, and scales of
 * 1/2 and more, whose sums are shifted to the left first, without saturation, as the reference
 * does. The fix-up of mve_requantize.h is for lanes that are shifted to the right alone.
 *
 * Per 16 inputs and 4 channels 5 loads and 4 multiply-accumulates, as in matrix_row_s8_mve.c; 4
 * channels add some 40 cycles.
 */
#include "matrix_any_s8_mve.h"

#include "mve_requantize.h"

/* clang-format off */
static void any_pixel(const fw_matrix_params* p, const int8_t* input, const int32_t* weights,
                      int8_t* output) {
  int32_t left = p->channels; /* from these 4 on */
  const int8_t* x;
  int32_t a0, a1, a2, a3;
  __asm__ volatile(
      "1:\n"
      "vldrw.32 q4, [%[w]], #16\n"
      "movs %[a0], #0\n"
      "vldrw.32 q5, [%[w]], #16\n"
      "movs %[a1], #0\n"
      "vldrw.32 q6, [%[w]], #16\n"
      "mov %[a2], #0\n"
      "vldrw.32 q7, [%[w]], #16\n"
      "mov %[a3], #0\n"
      "mov %[x], %[input]\n"
      "dlstp.8 lr, %[depth]\n"
      "2:\n"
      "vldrb.8 q0, [%[x]], #16\n"
      "vldrb.8 q1, [%[w]], #16\n"
      "vmladava.s8 %[a0], q0, q1\n"
      "vldrb.8 q2, [%[w]], #16\n"
      "vmladava.s8 %[a1], q0, q2\n"
      "vldrb.8 q1, [%[w]], #16\n"
      "vmladava.s8 %[a2], q0, q1\n"
      "vldrb.8 q2, [%[w]], #16\n"
      "vmladava.s8 %[a3], q0, q2\n"
      "letp lr, 2b\n"
      "vmov q0[2], q0[0], %[a0], %[a2]\n"
      "vshr.s32 q1, q7, #31\n"
      "vmov q0[3], q0[1], %[a1], %[a3]\n"
      "vctp.32 %[left]\n"
      "vadd.i32 q0, q0, q4\n"
      "vshl.s32 q0, q0, q5\n"
      FW_MVE_SCALE("q0", "q6")
      FW_MVE_SIGN("q2", "q0")
      "subs %[left], %[left], #4\n"
      "vand q2, q2, q1\n"
      FW_MVE_LESS("q0", "q2")
      FW_MVE_SHIFT("q0", "q7")
      "vqadd.s32 q0, q0, %[zero]\n"
      FW_MVE_HALF_B("q0", "q0")
      FW_MVE_BYTE_B("q0", "q0")
      "vpst\n"
      "vstrbt.32 q0, [%[out]], #4\n"
      "bgt 1b\n"
      : [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3), [w] "+l"(weights),
        [x] "=&l"(x), [out] "+l"(output), [left] "+h"(left)
      : [input] "r"(input), [depth] "r"(p->depth), [zero] "r"(p->zero_point)
      : "lr", "q0", "q1", "q2", "q4", "q5", "q6", "q7", "cc", "memory");
}
/* clang-format on */

void fw_matrix_any_s8_mve(const fw_matrix_params* p, const int8_t* input, int32_t first,
                          int32_t count, const int32_t* weights, int8_t* output) {
  for (int32_t pixel = first; pixel < first + count; pixel++) {
    any_pixel(p, input + pixel * p->input_pitch, weights, output + pixel * p->output_pitch);
  }
}
