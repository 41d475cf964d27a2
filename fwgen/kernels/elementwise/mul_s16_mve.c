/* out = clamp(requantize(in1 * in2)), as mul_s8_mve.c does it: half a unit is added, and the last
 * shift, to the right by s, is one by 16 - s to the left, which saturates where the output does and
 * leaves it in the upper half. 9 instructions for 4 elements, two of them interleaved.
 */
#include "mul_s16_mve.h"

void fw_mul_s16_mve(const void* params, const int16_t* input1, const int16_t* input2,
                    int16_t* output, int32_t count) {
  const fw_mul_s16_mve_params* const p = params;
  const int32_t half = 1 << (-p->output_shift - 1), up = 16 + p->output_shift, one = 1;
  __asm__ volatile(
      "wls lr, %[rounds], 2f\n"
      "1:\n"
      "vldrh.s32 q0, [%[in1]], #8\n"
      "vldrh.s32 q2, [%[in2]], #8\n"
      "vmul.i32 q0, q0, q2\n"
      "vldrh.s32 q1, [%[in1]], #8\n"
      "vqrdmulh.s32 q0, q0, %[multiplier]\n"
      "vldrh.s32 q3, [%[in2]], #8\n"
      "vmul.i32 q1, q1, q3\n"
      "vqdmlah.s32 q0, q0, %[one]\n"
      "vqrdmulh.s32 q1, q1, %[multiplier]\n"
      "vadd.i32 q0, q0, %[half]\n"
      "vqdmlah.s32 q1, q1, %[one]\n"
      "vqshl.s32 q0, %[up]\n"
      "vadd.i32 q1, q1, %[half]\n"
      "vshr.s32 q0, q0, #16\n"
      "vqshl.s32 q1, %[up]\n"
      "vstrh.32 q0, [%[out]], #8\n"
      "vshr.s32 q1, q1, #16\n"
      "vstrh.32 q1, [%[out]], #8\n"
      "le lr, 1b\n"
      "2:\n"
      "wlstp.32 lr, %[rest], 4f\n"
      "3:\n"
      "vldrh.s32 q0, [%[in1]], #8\n"
      "vldrh.s32 q2, [%[in2]], #8\n"
      "vmul.i32 q0, q0, q2\n"
      "vqrdmulh.s32 q0, q0, %[multiplier]\n"
      "vqdmlah.s32 q0, q0, %[one]\n"
      "vadd.i32 q0, q0, %[half]\n"
      "vqshl.s32 q0, %[up]\n"
      "vshr.s32 q0, q0, #16\n"
      "vstrh.32 q0, [%[out]], #8\n"
      "letp lr, 3b\n"
      "4:\n"
      : [in1] "+l"(input1), [in2] "+l"(input2), [out] "+l"(output)
      : [multiplier] "h"(p->output_multiplier), [one] "h"(one), [half] "h"(half), [up] "r"(up),
        [rounds] "r"(count / 8), [rest] "r"(count % 8)
      : "lr", "q0", "q1", "q2", "q3", "memory");
}
