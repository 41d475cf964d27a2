/* The same as mve_dot.h for any output zero point, in 151 cycles. Shifts are at most -1, which is
 * the condition for the rounding fix-up: negative sums are moved by -1 before the shift. The
 * multiplication does it on its way, by adding to the sign, 0 or -1. The sign is that of the sum,
 * which differs from that of the product only where the product is 0; -1 in its place also becomes
 * 0.
 */
#ifndef FW_MVE_DOT_ANY_H
#define FW_MVE_DOT_ANY_H

#include <stdint.h>

#include "mve_planes.h"

static inline void fw_mve_dot(fw_mve_records* r, int32_t first, const int8_t* planes, int32_t plane,
                              const uint16_t* units, int32_t count, int8_t* out) {
  const int8_t* const windows = r->windows + first * FW_MVE_WINDOW;
  r->parameters[4 * first + FW_MVE_OUT] = (int32_t)(uintptr_t)out;
  planes += first * plane;
  int32_t a1, a2, a3, b, m, s, d;
  __asm__ volatile(
      "dls lr, %[a0]\n"
      "1:\n"
      "ldrsh %[d], [%[units]], #2\n"
      "vldrb.u8 q0, [%[windows]]\n"
      "add %[d], %[d], %[planes]\n"
      "vldrb.u8 q2, [%[d]]\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vldrb.u8 q1, [%[windows], #-1]\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vldrb.u8 q2, [%[d], #2*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a3], q1, q2\n"
      "ldrd %[b], %[m], [%[windows], #256]\n"
      "vmladav.s8 %[a1], q0, q2\n"
      "vldrb.u8 q2, [%[d], #1*" FW_MVE_DOT_STEP
      "]\n"
      "vmov q4[2], q4[0], %[a0], %[a1]\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vmov q5[2], q5[0], %[a2], %[a3]\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vldrb.u8 q2, [%[d], #3*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a1], q0, q2\n"
      "add %[d], %[d], %[plane]\n"
      "ldrsb %[s], [%[windows], #264]\n"
      "vmov q4[3], q4[1], %[a0], %[a1]\n"
      "vmladav.s8 %[a3], q1, q2\n"
      "vadd.i32 q4, q4, %[b]\n"
      "vmov q5[3], q5[1], %[a2], %[a3]\n"
      "vshr.s32 q3, q4, #31\n"
      "vqrdmlah.s32 q3, q4, %[m]\n"
      "vadd.i32 q5, q5, %[b]\n"
      "vldrb.u8 q2, [%[d]]\n"
      "vrshl.s32 q3, %[s]\n"
      "vldrb.u8 q1, [%[windows], #15]\n"
      "vshr.s32 q4, q5, #31\n"
      "vqrdmlah.s32 q4, q5, %[m]\n"
      "vqmovnb.s32 q6, q3\n"
      "ldrsb %[b], [%[windows], #268]\n"
      "vrshl.s32 q4, %[s]\n"
      "vldrb.u8 q0, [%[windows], #16]\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vqmovnt.s32 q6, q4\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vldrb.u8 q2, [%[d], #2*" FW_MVE_DOT_STEP
      "]\n"
      "vqadd.s16 q6, q6, %[b]\n"
      "vmladav.s8 %[a1], q0, q2\n"
      "vqmovnb.s16 q7, q6\n"
      "vmladav.s8 %[a3], q1, q2\n"
      "vmov q4[2], q4[0], %[a0], %[a1]\n"
      "vldrb.u8 q2, [%[d], #1*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vmov q5[2], q5[0], %[a2], %[a3]\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vldrb.u8 q2, [%[d], #3*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a1], q0, q2\n"
      "ldrd %[b], %[m], [%[windows], #272]\n"
      "vmov q4[3], q4[1], %[a0], %[a1]\n"
      "vmladav.s8 %[a3], q1, q2\n"
      "vadd.i32 q4, q4, %[b]\n"
      "vmov q5[3], q5[1], %[a2], %[a3]\n"
      "vshr.s32 q3, q4, #31\n"
      "add %[d], %[d], %[plane]\n"
      "ldrsb %[s], [%[windows], #280]\n"
      "vadd.i32 q5, q5, %[b]\n"
      "vqrdmlah.s32 q3, q4, %[m]\n"
      "vshr.s32 q4, q5, #31\n"
      "vldrb.u8 q1, [%[windows], #31]\n"
      "vrshl.s32 q3, %[s]\n"
      "vqrdmlah.s32 q4, q5, %[m]\n"
      "vqmovnb.s32 q6, q3\n"
      "ldrsb %[b], [%[windows], #268]\n"
      "vrshl.s32 q4, %[s]\n"
      "vldrb.u8 q2, [%[d]]\n"
      "vqmovnt.s32 q6, q4\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vldrb.u8 q0, [%[windows], #32]\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vldrb.u8 q2, [%[d], #2*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a3], q1, q2\n"
      "vqadd.s16 q6, q6, %[b]\n"
      "vmladav.s8 %[a1], q0, q2\n"
      "ldrsb %[s], [%[windows], #296]\n"
      "vldrb.u8 q2, [%[d], #1*" FW_MVE_DOT_STEP
      "]\n"
      "vmov q4[2], q4[0], %[a0], %[a1]\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vmov q5[2], q5[0], %[a2], %[a3]\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vldrb.u8 q2, [%[d], #3*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a1], q0, q2\n"
      "add %[d], %[d], %[plane]\n"
      "ldrd %[b], %[m], [%[windows], #288]\n"
      "vmov q4[3], q4[1], %[a0], %[a1]\n"
      "vmladav.s8 %[a3], q1, q2\n"
      "vadd.i32 q4, q4, %[b]\n"
      "vmov q5[3], q5[1], %[a2], %[a3]\n"
      "vshr.s32 q3, q4, #31\n"
      "vqrdmlah.s32 q3, q4, %[m]\n"
      "vadd.i32 q5, q5, %[b]\n"
      "vldrb.u8 q1, [%[windows], #47]\n"
      "vrshl.s32 q3, %[s]\n"
      "vldrb.u8 q2, [%[d]]\n"
      "vshr.s32 q4, q5, #31\n"
      "vldrb.u8 q0, [%[windows], #48]\n"
      "vqmovnt.s16 q7, q6\n"
      "vqrdmlah.s32 q4, q5, %[m]\n"
      "vqmovnb.s32 q6, q3\n"
      "ldrsb %[b], [%[windows], #268]\n"
      "vrshl.s32 q4, %[s]\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vqmovnt.s32 q6, q4\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vldrb.u8 q2, [%[d], #2*" FW_MVE_DOT_STEP
      "]\n"
      "vqadd.s16 q6, q6, %[b]\n"
      "vmladav.s8 %[a3], q1, q2\n"
      "vqmovnb.s16 q6, q6\n"
      "vmladav.s8 %[a1], q0, q2\n"
      "vmov q5[2], q5[0], %[a2], %[a3]\n"
      "vmov q4[2], q4[0], %[a0], %[a1]\n"
      "vldrb.u8 q2, [%[d], #1*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "ldrd %[b], %[m], [%[windows], #304]\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vldrb.u8 q2, [%[d], #3*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a1], q0, q2\n"
      "vmov q4[3], q4[1], %[a0], %[a1]\n"
      "ldr %[d], [%[windows], #284]\n"
      "vmladav.s8 %[a3], q1, q2\n"
      "vadd.i32 q4, q4, %[b]\n"
      "vmov q5[3], q5[1], %[a2], %[a3]\n"
      "vadd.i32 q5, q5, %[b]\n"
      "ldrsb %[s], [%[windows], #312]\n"
      "vshr.s32 q3, q4, #31\n"
      "vqrdmlah.s32 q3, q4, %[m]\n"
      "vshr.s32 q4, q5, #31\n"
      "vrshl.s32 q3, %[s]\n"
      "vqrdmlah.s32 q4, q5, %[m]\n"
      "vqmovnb.s32 q3, q3\n"
      "ldrsb %[b], [%[windows], #268]\n"
      "vrshl.s32 q4, %[s]\n"
      "vqmovnt.s32 q3, q4\n"
      "vldrh.u32 q2, [%[units]], #8\n"
      "vmov q1, q7\n"
      "vqadd.s16 q3, q3, %[b]\n"
      "vqmovnt.s16 q6, q3\n"
      "vsli.32 q1, q6, #16\n"
      "vstrw.32 q1, [%[d], q2]\n"
      "vldrh.u32 q3, [%[units]], #8\n"
      "vsri.32 q6, q7, #16\n"
      "vstrw.32 q6, [%[d], q3]\n"
      "le lr, 1b\n"
      : [a0] "+Te"(count), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3), [b] "=&r"(b),
        [m] "=&r"(m), [s] "=&r"(s), [d] "=&r"(d), [units] "+l"(units)
      : [windows] "r"(windows), [planes] "r"(planes), [plane] "r"(plane)
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
}

#endif
