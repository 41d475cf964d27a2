/* The walk of pairs of pixels of up to 16 inputs through a block (mve_matrix_pairs.h). A pair's
 * inputs stay in q0 and q1 for both tiles; offsets from the block find weights and parameters. A
 * pass of the loop has 16 multiplications and is tile A, with the end of tile B of the pair before
 * it, and tile B: 77 cycles (69 without the rounding fix-up) for 16 outputs. r1 points to the
 * block, r3 to the inputs, r9 is their pitch, lr counts pairs.
 */
#include "mve_matrix_pairs.h"

/* clang-format off */
#define X0 "vldrb.8 q0, [r3]\n"
#define X1 "vldrb.8 q1, [r3]\n"
#define AX "add r3, r3, r9\n"
#define WA(c) "vldrw.32 q2, [r1, #32 + 16 * " #c "]\n"
#define WB(c) "vldrw.32 q2, [r1, #128 + 16 * " #c "]\n"
#define BIAS_B "vldrw.32 q5, [r1]\n"
#define MULT_B "vldrw.32 q5, [r1, #16]\n"
#define SHIFT_B BIAS_B
#define BIAS_A "vldrw.32 q5, [r1, #96]\n"
#define MULT_A "vldrw.32 q5, [r1, #112]\n"
#define SHIFT_A BIAS_A
/* Multiply pixel 0 or 1 with channel c of tile A or B. A register is used again as soon as V.., the
 * move of two sums to a vector, has read it. */
#define A00 "r0"
#define A10 "r2"
#define A02 "r4"
#define A12 "r6"
#define A01 "r8"
#define A11 "r10"
#define A03 "r12"
#define A13 "r0"
#define B00 "r4"
#define B10 "r6"
#define B02 "r2"
#define B12 "r8"
#define B01 "r12"
#define B11 "r10"
#define B03 "r0"
#define B13 "r4"
#define A0(c) "vmladav.s8 " A0##c ", q0, q2\n"
#define A1(c) "vmladav.s8 " A1##c ", q1, q2\n"
#define B0(c) "vmladav.s8 " B0##c ", q0, q2\n"
#define B1(c) "vmladav.s8 " B1##c ", q1, q2\n"
#define AV02 "vmov q3[2], q3[0], " A00 ", " A02 "\n"
#define AV01 "vmov q3[3], q3[1], " A01 ", " A03 "\n"
#define AV12 "vmov q4[2], q4[0], " A10 ", " A12 "\n"
#define AV11 "vmov q4[3], q4[1], " A11 ", " A13 "\n"
#define BV02 "vmov q3[2], q3[0], " B00 ", " B02 "\n"
#define BV01 "vmov q3[3], q3[1], " B01 ", " B03 "\n"
#define BV12 "vmov q4[2], q4[0], " B10 ", " B12 "\n"
#define BV11 "vmov q4[3], q4[1], " B11 ", " B13 "\n"
#define PASS \
  BIAS_B BSH WA(0) ADD0 X0 ADD1 MULT_B MUL0 AX MUL1 SGN0 X1 LES0 A0(0) SGN1 AX LES1 SHIFT_B A1(0) SHL1 \
  WA(2) HT1 A1(2) SHL0 A0(2) WA(1) AV12 ZERO HT0 A1(1) AV02 A0(1) WA(3) A0(3) Z1 A1(3) Z0 BIAS_A AV01 \
  WB(0) BSH AV11 ADD1 B0(0) ADD0 B1(0) WB(2) B1(2) MULT_A N0 MUL0 N1 MUL1 ST0 SGN0 O LES0 ST1 O SGN1 \
  B0(2) LES1 SHIFT_A SHL0 WB(1) HB0 B0(1) BV02 B1(1) WB(3) SHL1 B0(3) HB1 B1(3) BV01 BV12 BV11
/* clang-format on */

static inline void FW_WALK(const fw_matrix_block* block) {
  register const fw_matrix_block* r0 __asm__("r0") = block;
  __asm__ volatile(ENTER
                   "sub r9, r9, r3\n"
                   "add r1, r1, #16\n"
                   "mov lr, #1\n"
                   "1:\n" PASS
                   "le lr, 1b\n"
                   "cmp r11, #0\n" /* after the first pair: the others, if any */
                   "ldr r11, " FW_PITCH
                   "\n"
                   "bne 2f\n"
                   "ldr lr, " FW_COUNT
                   "\n"
                   "cmp lr, #0\n"
                   "bne 1b\n"
                   "2:\n" BIAS_B BSH ADD0 ADD1 MULT_B MUL0 MUL1 SGN0 LES0 SGN1 LES1 SHIFT_B SHL0
                       SHL1 ZERO HT0 HT1 Z0 Z1 N0 N1 ST0 O ST1 LEAVE
                   : "+r"(r0)
                   :
                   : FW_CLOBBERS);
}
