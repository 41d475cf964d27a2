/* out = clamp(zp_out + requantize((in1 - zp1) * (in2 - zp2))), as the reference. Rounding as
 * mve_requantize.h says, with the fix-up. The last shift, to the right by s, is one to the left by
 * 24 - s, which saturates where the output does and leaves it in the highest byte; half a unit and
 * the output's zero point are added before.
 *
 * Per 4 elements: two loads that widen, two subtractions, three multiplications, an addition, two
 * shifts and a store. Four of them interleaved: 44 instructions and 45 cycles for 16 elements.
 */
#include "mul_s8_mve.h"

void fw_mul_s8_mve(const void* params, const int8_t* input1, const int8_t* input2, int8_t* output,
                   int32_t count) {
  const fw_mul_s8_mve_params* const p = params;
  const int32_t rounds = count / 16, rest = count % 16;
  const int32_t half = 1 << (-p->output_shift - 1);
  const int32_t offset = half + p->output_zero_point * 2 * half, up = 24 + p->output_shift;
  int32_t one = 1;
  __asm__ volatile(
      "wls lr, %[rounds], 2f\n"
      "1:\n"
      "vldrb.s32 q0, [%[in1]], #4\n"
      "vadd.i32 q0, q0, %[offset1]\n"
      "vldrb.s32 q1, [%[in1]], #4\n"
      "vadd.i32 q1, q1, %[offset1]\n"
      "vldrb.s32 q4, [%[in2]], #4\n"
      "vadd.i32 q4, q4, %[offset2]\n"
      "vldrb.s32 q5, [%[in2]], #4\n"
      "vmul.i32 q0, q0, q4\n"
      "vldrb.s32 q2, [%[in1]], #4\n"
      "vadd.i32 q5, q5, %[offset2]\n"
      "vldrb.s32 q6, [%[in2]], #4\n"
      "vadd.i32 q2, q2, %[offset1]\n"
      "vldrb.s32 q7, [%[in2]], #4\n"
      "vadd.i32 q6, q6, %[offset2]\n"
      "vqrdmulh.s32 q0, q0, %[multiplier]\n"
      "vadd.i32 q7, q7, %[offset2]\n"
      "vldrb.s32 q3, [%[in1]], #4\n"
      "vqdmlah.s32 q0, q0, %[one]\n"
      "vadd.i32 q3, q3, %[offset1]\n"
      "vmul.i32 q1, q1, q5\n"
      "vadd.i32 q0, q0, %[offset]\n"
      "vqrdmulh.s32 q1, q1, %[multiplier]\n"
      "vqshl.s32 q0, %[up]\n"
      "vqdmlah.s32 q1, q1, %[one]\n"
      "vshr.s32 q0, q0, #24\n"
      "vmul.i32 q2, q2, q6\n"
      "vadd.i32 q1, q1, %[offset]\n"
      "vqrdmulh.s32 q2, q2, %[multiplier]\n"
      "vqshl.s32 q1, %[up]\n"
      "vqdmlah.s32 q2, q2, %[one]\n"
      "vshr.s32 q1, q1, #24\n"
      "vmul.i32 q3, q3, q7\n"
      "vadd.i32 q2, q2, %[offset]\n"
      "vqrdmulh.s32 q3, q3, %[multiplier]\n"
      "vqshl.s32 q2, %[up]\n"
      "vqdmlah.s32 q3, q3, %[one]\n"
      "vshr.s32 q2, q2, #24\n"
      "vstrb.32 q0, [%[out]], #4\n"
      "vadd.i32 q3, q3, %[offset]\n"
      "vstrb.32 q1, [%[out]], #4\n"
      "vqshl.s32 q3, %[up]\n"
      "vstrb.32 q2, [%[out]], #4\n"
      "vshr.s32 q3, q3, #24\n"
      "vstrb.32 q3, [%[out]], #4\n"
      "le lr, 1b\n"
      "2:\n"
      "wlstp.32 lr, %[rest], 4f\n"
      "3:\n"
      "vldrb.s32 q0, [%[in1]], #4\n"
      "vadd.i32 q0, q0, %[offset1]\n"
      "vldrb.s32 q4, [%[in2]], #4\n"
      "vadd.i32 q4, q4, %[offset2]\n"
      "vmul.i32 q0, q0, q4\n"
      "vqrdmulh.s32 q0, q0, %[multiplier]\n"
      "vqdmlah.s32 q0, q0, %[one]\n"
      "vadd.i32 q0, q0, %[offset]\n"
      "vqshl.s32 q0, %[up]\n"
      "vshr.s32 q0, q0, #24\n"
      "vstrb.32 q0, [%[out]], #4\n"
      "letp lr, 3b\n"
      "4:\n"
      : [in1] "+l"(input1), [in2] "+l"(input2), [out] "+l"(output)
      : [offset1] "h"(-p->input1_zero_point), [offset2] "h"(-p->input2_zero_point),
        [multiplier] "h"(p->output_multiplier), [one] "h"(one), [offset] "h"(offset), [up] "r"(up),
        [rounds] "r"(rounds), [rest] "r"(rest)
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
}
