/* Dot products of windows of bytes in planes: 8 outputs of 4 channels in a round of 137 cycles, for
 * an output zero point of -128.
 *
 * Weights w and parameters of the channels are as mve_records.h says. The last weight of a window
 * is 0, and so is the byte before the first one; thus a load from one byte before w gives the
 * weights moved up by one byte. A round takes an entry of `units`: where the first window begins in
 * the plane (16 bits, signed), and the offsets of 8 outputs from `out`. Windows begin there and 1
 * to 3 times FW_MVE_DOT_STEP (a string) bytes further on; each is multiplied with w, for outputs 0
 * to 3, and with w moved up, for outputs 4 to 7, which are stored after them. Lanes are stored in
 * ascending order: an output to be dropped is stored where one that comes later goes.
 *
 * Per channel: 4 + 2 vector loads and 8 dot products with 32-bit results, which go through core
 * registers to two vectors: one for w, one for w moved up. These take bias, multiplier and shift
 * from core registers. Both vectors together become 8 numbers of 16 bits, those of two channels 16
 * bytes; in the end one word per output holds the 4 channels. Rounding as mve_requantize.h says;
 * the fix-up is left out, as its condition, a lower clamp at the zero point, holds for -128.
 * Results are saturated to 0 to 255 and moved by -128. In the listing, which a search has ordered
 * such that no instruction waits for another (131 instructions, 133 cycles, and 4 for the two
 * scatters), q0 and q1 hold weights, q2 and q3 windows, q4 and q5 sums, q6 and q7 results of two
 * channels.
 */
#include <stdint.h>

#include "mve_planes.h"

static inline void FW_MVE_DOT(fw_mve_records* r, int32_t first, const int8_t* planes, int32_t plane,
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
      "vldrb.u8 q3, [%[d], #2*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a1], q0, q3\n"
      "vldrb.u8 q2, [%[d], #1*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a3], q1, q3\n"
      "vmov q4[2], q4[0], %[a0], %[a1]\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vmov q5[2], q5[0], %[a2], %[a3]\n"
      "vldrb.u8 q3, [%[d], #3*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "ldrsb %[s], [%[windows], #264]\n"
      "vmladav.s8 %[a1], q0, q3\n"
      "add %[d], %[d], %[plane]\n"
      "ldrd %[b], %[m], [%[windows], #256]\n"
      "vmladav.s8 %[a3], q1, q3\n"
      "vmov q4[3], q4[1], %[a0], %[a1]\n"
      "vmov q5[3], q5[1], %[a2], %[a3]\n"
      "vadd.i32 q4, q4, %[b]\n"
      "vqrdmulh.s32 q4, q4, %[m]\n"
      "vadd.i32 q5, q5, %[b]\n"
      "vldrb.u8 q0, [%[windows], #16]\n"
      "vrshl.s32 q4, %[s]\n"
      "vqrdmulh.s32 q5, q5, %[m]\n"
      "vldrb.u8 q2, [%[d]]\n"
      "vrshl.s32 q5, %[s]\n"
      "vldrb.u8 q1, [%[windows], #15]\n"
      "vqmovnb.s32 q6, q4\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vldrb.u8 q3, [%[d], #2*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "ldrd %[b], %[m], [%[windows], #272]\n"
      "vmladav.s8 %[a3], q1, q3\n"
      "vqmovnt.s32 q6, q5\n"
      "vmladav.s8 %[a1], q0, q3\n"
      "vldrb.u8 q2, [%[d], #1*" FW_MVE_DOT_STEP
      "]\n"
      "vmov q4[2], q4[0], %[a0], %[a1]\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vldrb.u8 q3, [%[d], #3*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a1], q0, q3\n"
      "vmov q5[2], q5[0], %[a2], %[a3]\n"
      "add %[d], %[d], %[plane]\n"
      "ldrsb %[s], [%[windows], #280]\n"
      "vmov q4[3], q4[1], %[a0], %[a1]\n"
      "vmladav.s8 %[a3], q1, q3\n"
      "vqmovunb.s16 q7, q6\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vadd.i32 q4, q4, %[b]\n"
      "vldrb.u8 q3, [%[d], #2*" FW_MVE_DOT_STEP
      "]\n"
      "vmov q5[3], q5[1], %[a2], %[a3]\n"
      "vldrb.u8 q0, [%[windows], #32]\n"
      "vadd.i32 q5, q5, %[b]\n"
      "vqrdmulh.s32 q4, q4, %[m]\n"
      "vldrb.u8 q2, [%[d]]\n"
      "vrshl.s32 q4, %[s]\n"
      "vqrdmulh.s32 q5, q5, %[m]\n"
      "vqmovnb.s32 q6, q4\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vrshl.s32 q5, %[s]\n"
      "vldrb.u8 q1, [%[windows], #31]\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vqmovnt.s32 q6, q5\n"
      "vmladav.s8 %[a1], q0, q3\n"
      "vldrb.u8 q2, [%[d], #1*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a3], q1, q3\n"
      "vmov q4[2], q4[0], %[a0], %[a1]\n"
      "ldrd %[b], %[m], [%[windows], #288]\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vmov q5[2], q5[0], %[a2], %[a3]\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vldrb.u8 q3, [%[d], #3*" FW_MVE_DOT_STEP
      "]\n"
      "vqmovunt.s16 q7, q6\n"
      "vmladav.s8 %[a3], q1, q3\n"
      "vldrb.u8 q1, [%[windows], #47]\n"
      "vmladav.s8 %[a1], q0, q3\n"
      "vldrb.u8 q0, [%[windows], #48]\n"
      "vmov q5[3], q5[1], %[a2], %[a3]\n"
      "add %[d], %[d], %[plane]\n"
      "ldrsb %[s], [%[windows], #296]\n"
      "vmov q4[3], q4[1], %[a0], %[a1]\n"
      "vldrb.u8 q2, [%[d]]\n"
      "vadd.i32 q4, q4, %[b]\n"
      "vqrdmulh.s32 q4, q4, %[m]\n"
      "vadd.i32 q5, q5, %[b]\n"
      "vqrdmulh.s32 q5, q5, %[m]\n"
      "vrshl.s32 q4, %[s]\n"
      "vldrb.u8 q3, [%[d], #2*" FW_MVE_DOT_STEP
      "]\n"
      "ldrd %[b], %[m], [%[windows], #304]\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vqmovnb.s32 q6, q4\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vrshl.s32 q5, %[s]\n"
      "vmladav.s8 %[a1], q0, q3\n"
      "vldrb.u8 q2, [%[d], #1*" FW_MVE_DOT_STEP
      "]\n"
      "vqmovnt.s32 q6, q5\n"
      "vmladav.s8 %[a3], q1, q3\n"
      "vmov q4[2], q4[0], %[a0], %[a1]\n"
      "vmladav.s8 %[a0], q0, q2\n"
      "vmov q5[2], q5[0], %[a2], %[a3]\n"
      "vldrb.u8 q3, [%[d], #3*" FW_MVE_DOT_STEP
      "]\n"
      "vmladav.s8 %[a1], q0, q3\n"
      "ldrsb %[s], [%[windows], #312]\n"
      "ldr %[d], [%[windows], #284]\n"
      "vmov q4[3], q4[1], %[a0], %[a1]\n"
      "vmladav.s8 %[a3], q1, q3\n"
      "vadd.i32 q4, q4, %[b]\n"
      "vqrdmulh.s32 q4, q4, %[m]\n"
      "vqmovunb.s16 q6, q6\n"
      "vmladav.s8 %[a2], q1, q2\n"
      "vrshl.s32 q4, %[s]\n"
      "vmov q5[3], q5[1], %[a2], %[a3]\n"
      "vadd.i32 q5, q5, %[b]\n"
      "vqrdmulh.s32 q5, q5, %[m]\n"
      "vqmovnb.s32 q4, q4\n"
      "vldrh.u32 q2, [%[units]], #8\n"
      "vrshl.s32 q5, %[s]\n"
      "vqmovnt.s32 q4, q5\n"
      "vqmovunt.s16 q6, q4\n"
      "vmov.i8 q0, #0x80\n"
      "vmov q1, q7\n"
      "vldrh.u32 q3, [%[units]], #8\n"
      "vsli.32 q1, q6, #16\n"
      "veor q1, q1, q0\n"
      "vsri.32 q6, q7, #16\n"
      "veor q6, q6, q0\n"
      "vstrw.32 q1, [%[d], q2]\n"
      "vstrw.32 q6, [%[d], q3]\n"
      "le lr, 1b\n"
      : [a0] "+Te"(count), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3), [b] "=&r"(b),
        [m] "=&r"(m), [s] "=&r"(s), [d] "=&r"(d), [units] "+l"(units)
      : [windows] "r"(windows), [planes] "r"(planes), [plane] "r"(plane)
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
}

#undef FW_MVE_DOT_STEP
