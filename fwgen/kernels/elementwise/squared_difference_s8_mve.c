/* As the reference kernel, 4 elements at a time. Rounding as mve_requantize.h says, with the fix-up
 * for operands below zero, which no square is. 4 elements take some 35 cycles.
 */
#include "squared_difference_s8_mve.h"

#include <stddef.h>

#define FIELD(name) [name] "i"(offsetof(fw_squared_difference_s8_mve_params, name))

void fw_squared_difference_s8_mve(const void* params, const int8_t* input1, const int8_t* input2,
                                  int8_t* output, int32_t count) {
  const fw_squared_difference_s8_mve_params* p = params;
  const int32_t away1 = p->input1_right < 0, away2 = p->input2_right < 0;
  int32_t n;
  __asm__ volatile(
      "ldr %[n], [%[p], %[input1_multiplier]]\n"
      "vdup.32 q2, %[n]\n"
      "ldr %[n], [%[p], %[input2_multiplier]]\n"
      "vdup.32 q3, %[n]\n"
      "ldr %[n], [%[p], %[input1_right]]\n"
      "vdup.32 q4, %[n]\n"
      "ldr %[n], [%[p], %[input2_right]]\n"
      "vdup.32 q5, %[n]\n"
      "ldr %[n], [%[p], %[output_right]]\n"
      "vdup.32 q6, %[n]\n"
      "ldr %[n], [%[p], %[output_left]]\n"
      "vdup.32 q7, %[n]\n"
      "ldr %[n], [%[p], %[output_multiplier]]\n"
      "ldr %[p], [%[p], %[output_zero_point]]\n"
      "wlstp.32 lr, %[count], 2f\n"
      "1:\n"
      "vldrb.s32 q0, [%[in1]], #4\n"
      "vldrb.s32 q1, [%[in2]], #4\n"
      "vsub.i32 q0, q0, %[zero1]\n"
      "vsub.i32 q1, q1, %[zero2]\n"
      "vshl.i32 q0, q0, #7\n"
      "vshl.i32 q1, q1, #7\n"
      "vqrdmulh.s32 q0, q0, q2\n"
      "vqrdmulh.s32 q1, q1, q3\n"
      "vqdmlah.s32 q0, q0, %[away1]\n"
      "vqdmlah.s32 q1, q1, %[away2]\n"
      "vrshl.s32 q0, q0, q4\n"
      "vrshl.s32 q1, q1, q5\n"
      "vsub.i32 q0, q0, q1\n"
      "vmul.i32 q0, q0, q0\n"
      "vshl.s32 q0, q0, q7\n"
      "vqrdmulh.s32 q0, q0, %[n]\n"
      "vrshl.s32 q0, q0, q6\n"
      "vqadd.s32 q0, q0, %[p]\n"
      "vqmovnb.s32 q0, q0\n"
      "vqmovnb.s16 q0, q0\n"
      "vstrb.32 q0, [%[out]], #4\n"
      "letp lr, 1b\n"
      "2:\n"
      : [in1] "+l"(input1), [in2] "+l"(input2), [out] "+l"(output), [n] "=&r"(n), [p] "+r"(p)
      : [count] "r"(count), [zero1] "h"(p->input1_zero_point), [zero2] "h"(p->input2_zero_point),
        [away1] "h"(away1), [away2] "h"(away2), FIELD(output_zero_point), FIELD(input1_multiplier),
        FIELD(input2_multiplier), FIELD(input1_right), FIELD(input2_right), FIELD(output_right),
        FIELD(output_left), FIELD(output_multiplier)
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
}

#undef FIELD
