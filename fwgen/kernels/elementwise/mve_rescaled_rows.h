/* ADD and SUB for any scales, as the reference computes them:
 *   out = clamp(zero_point + requantize(scaled(in1) +- scaled(in2)))
 * where scaled(x) = requantize((x - zero_point) << 20) to twice the larger of the inputs' scales.
 *
 * The input of the larger scale, "near", has the multiplier 1/2 there: scaled(x) is exactly
 * (x - zero_point) << 19. Only the other one, "far", is rescaled, by a shift of at most -1; where
 * both have one scale, (x - zero_point) << 21 by 2^30 and a shift of -1 is just as exact. So the
 * rounding fix-up of mve_requantize.h holds for it as well as for the sum.
 *
 * The last shift, to the right by s, is one to the left by 24 - s, which saturates where the output
 * does and leaves it in the highest byte, as in mul_s8_mve.c. Half a unit and the output's zero
 * point are added before; this addition saturates, which it does only where the output does.
 *
 * Per 4 elements two loads that widen, a multiplication by 2^20 and by 2^19, which add the zero
 * points, 4 for rounding, 2 shifts, 2 additions, a shift down and a store. Two of them interleaved:
 * 28 instructions for 8 elements. FW_COMBINE, "vadd.i32" or "vsub.i32", takes near and far, in the
 * function that FW_RESCALED names.
 *
 * int16 values, whose zero points are 0, have 15 fractional bits for 20, and are left in the upper
 * half. FW_RESCALED_S16 asks for them.
 */
#include "mve_rescaled.h"

/* How 4 values are moved, and how a result comes down from its highest bits. */
#ifdef FW_RESCALED_S16
#define FW_VALUE int16_t
#define FW_LOAD "vldrh.s32"
#define FW_STORE "vstrh.32"
#define FW_STEP "#8"
#define FW_DOWN "#16"
#else
#define FW_VALUE int8_t
#define FW_LOAD "vldrb.s32"
#define FW_STORE "vstrb.32"
#define FW_STEP "#4"
#define FW_DOWN "#24"
#endif

/* clang-format off */
static inline void FW_RESCALED(const fw_mve_rescaled_params* p, const FW_VALUE* near,
                               const FW_VALUE* far, FW_VALUE* output, int32_t count) {
  const int32_t one = 1;
  __asm__ volatile(
      "ldr lr, [%[p]]\n"
      "vdup.32 q4, lr\n"
      "ldr lr, [%[p], #4]\n"
      "vdup.32 q5, lr\n"
      "ldr lr, [%[p], #8]\n"
      "vdup.32 q6, lr\n"
      "ldr lr, [%[p], #12]\n"
      "vdup.32 q7, lr\n"
      "lsr lr, %[count], #3\n"
      "wls lr, lr, 2f\n"
      "1:\n"
      FW_LOAD " q0, [%[far]], " FW_STEP "\n"
      "vmlas.s32 q0, q5, %[far_offset]\n"
      FW_LOAD " q1, [%[far]], " FW_STEP "\n"
      "vmlas.s32 q1, q5, %[far_offset]\n"
      FW_LOAD " q2, [%[near]], " FW_STEP "\n"
      "vqrdmulh.s32 q0, q0, q6\n"
      FW_LOAD " q3, [%[near]], " FW_STEP "\n"
      "vqrdmulh.s32 q1, q1, q6\n"
      "vmlas.s32 q2, q4, %[near_offset]\n"
      "vqdmlah.s32 q0, q0, %[one]\n"
      "vqdmlah.s32 q1, q1, %[one]\n"
      "vrshl.s32 q0, %[far_shift]\n"
      "vmlas.s32 q3, q4, %[near_offset]\n"
      "vrshl.s32 q1, %[far_shift]\n"
      FW_COMBINE " q2, q2, q0\n"
      "vqrdmulh.s32 q2, q2, q7\n"
      FW_COMBINE " q3, q3, q1\n"
      "vqrdmulh.s32 q3, q3, q7\n"
      "vqdmlah.s32 q2, q2, %[one]\n"
      "vqdmlah.s32 q3, q3, %[one]\n"
      "vqadd.s32 q2, q2, %[offset]\n"
      "vqshl.s32 q2, %[up]\n"
      "vqadd.s32 q3, q3, %[offset]\n"
      "vshr.s32 q2, q2, " FW_DOWN "\n"
      "vqshl.s32 q3, %[up]\n"
      FW_STORE " q2, [%[out]], " FW_STEP "\n"
      "vshr.s32 q3, q3, " FW_DOWN "\n"
      FW_STORE " q3, [%[out]], " FW_STEP "\n"
      "le lr, 1b\n"
      "2:\n"
      "and %[count], %[count], #7\n"
      "wlstp.32 lr, %[count], 4f\n"
      "3:\n"
      FW_LOAD " q0, [%[far]], " FW_STEP "\n"
      "vmlas.s32 q0, q5, %[far_offset]\n"
      FW_LOAD " q2, [%[near]], " FW_STEP "\n"
      "vqrdmulh.s32 q0, q0, q6\n"
      "vmlas.s32 q2, q4, %[near_offset]\n"
      "vqdmlah.s32 q0, q0, %[one]\n"
      "vrshl.s32 q0, %[far_shift]\n"
      FW_COMBINE " q2, q2, q0\n"
      "vqrdmulh.s32 q2, q2, q7\n"
      "vqdmlah.s32 q2, q2, %[one]\n"
      "vqadd.s32 q2, q2, %[offset]\n"
      "vqshl.s32 q2, %[up]\n"
      "vshr.s32 q2, q2, " FW_DOWN "\n"
      FW_STORE " q2, [%[out]], " FW_STEP "\n"
      "letp lr, 3b\n"
      "4:\n"
      : [near] "+l"(near), [far] "+l"(far), [out] "+l"(output), [count] "+r"(count)
      : [p] "r"(p), [near_offset] "h"(p->near_offset), [far_offset] "h"(p->far_offset),
        [far_shift] "h"(p->far_shift), [one] "h"(one), [offset] "r"(p->output_offset),
        [up] "r"(p->up)
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
}
/* clang-format on */

#undef FW_VALUE
#undef FW_LOAD
#undef FW_STORE
#undef FW_STEP
#undef FW_DOWN
