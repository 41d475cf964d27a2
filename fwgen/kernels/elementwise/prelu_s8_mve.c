/* As the reference kernel, 4 elements at a time: both requantizations, of which one is selected.
 * Rounding as mve_requantize.h says, with the fix-up for what is below zero: so is nothing that is
 * selected from above. 4 elements take some 30 cycles.
 */
#include "prelu_s8_mve.h"

#include <stddef.h>

#define FIELD(name) [name] "i"(offsetof(fw_prelu_s8_mve_params, name))

void fw_prelu_s8_mve(const void* params, const int8_t* input1, const int8_t* input2, int8_t* output,
                     int32_t count) {
  const fw_prelu_s8_mve_params* const p = params;
  const int32_t away = p->below_right < 0; /* whether halves below zero are to be mended */
  int32_t n;
  __asm__ volatile(
      "ldr %[n], [%[p], %[above_multiplier]]\n"
      "vdup.32 q4, %[n]\n"
      "ldr %[n], [%[p], %[below_multiplier]]\n"
      "vdup.32 q5, %[n]\n"
      "ldr %[n], [%[p], %[above_right]]\n"
      "vdup.32 q6, %[n]\n"
      "ldr %[n], [%[p], %[below_right]]\n"
      "vdup.32 q7, %[n]\n"
      "ldr %[n], [%[p], %[above_left]]\n"
      "vdup.32 q3, %[n]\n"
      "ldr %[n], [%[p], %[output_zero_point]]\n"
      "wlstp.32 lr, %[count], 2f\n"
      "1:\n"
      "vldrb.s32 q0, [%[in1]], #4\n"
      "vldrb.s32 q1, [%[in2]], #4\n"
      "vsub.i32 q0, q0, %[zero1]\n"
      "vsub.i32 q1, q1, %[zero2]\n"
      "vmul.i32 q1, q1, q0\n"
      "vshl.s32 q2, q0, q3\n"
      "vshl.s32 q1, %[below_left]\n"
      "vqrdmulh.s32 q2, q2, q4\n"
      "vqrdmulh.s32 q1, q1, q5\n"
      "vrshl.s32 q2, q2, q6\n"
      "vqdmlah.s32 q1, q1, %[away]\n"
      "vcmp.s32 ge, q0, zr\n"
      "vrshl.s32 q1, q1, q7\n"
      "vpsel q0, q2, q1\n"
      "vqadd.s32 q0, q0, %[n]\n"
      "vqmovnb.s32 q0, q0\n"
      "vqmovnb.s16 q0, q0\n"
      "vstrb.32 q0, [%[out]], #4\n"
      "letp lr, 1b\n"
      "2:\n"
      : [in1] "+l"(input1), [in2] "+l"(input2), [out] "+l"(output), [n] "=&r"(n)
      : [p] "r"(p), [count] "r"(count), [zero1] "h"(p->input1_zero_point),
        [zero2] "h"(p->input2_zero_point), [below_left] "r"(p->below_left), [away] "r"(away),
        FIELD(above_multiplier), FIELD(below_multiplier), FIELD(above_right), FIELD(below_right),
        FIELD(above_left), FIELD(output_zero_point)
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
}

#undef FIELD
