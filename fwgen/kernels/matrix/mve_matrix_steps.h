/* The walk of pairs of pixels through a block in steps of 16 inputs. A kernel defines
 *   FW_WALK    the name of the function that is defined here
 *   FW_STEPS   steps that its tiles are unrolled for
 *   FW_MORE    1 if it is for more steps than that: a loop in the last step does the others
 *   FW_AWAY    see mve_matrix_pairs.h
 *   TILE_B, TILE_A  the tiles, in the words defined here and in mve_matrix_pairs.h
 * and includes this file, and mve_matrix_end.h in the end.
 *
 * A step takes 16 inputs of 2 pixels and 16 weights of 4 channels: 6 loads and 8
 * multiply-accumulates, which take their unit 2 cycles each: 2 of 16 cycles are free for other
 * words, 8 MAC a cycle at most.
 *
 * q0 and q1 hold inputs of the two pixels, q2 weights; r1 points to the weights last loaded, r3 and
 * r9 to the pixels' inputs. If FW_MORE, r5 also counts, and the output pointer is in memory.
 */
#include "mve_matrix_pairs.h"

/* clang-format off */
/* The next weights; WF: the first of a tile, past the parameters in between. */
#define W "vldrw.32 q2, [r1, #16]!\n"
#define WF "vldrw.32 q2, [r1, #48]!\n"
/* Inputs of step k; offsets go from -127 to 127. */
#if FW_STEPS > 8
#define X0(k) "vldrb.8 q0, [r3, #16 * " #k " - 16]\n"
#define X1(k) "vldrb.8 q1, [r9, #16 * " #k " - 16]\n"
#else
#define X0(k) "vldrb.8 q0, [r3, #16 * " #k "]\n"
#define X1(k) "vldrb.8 q1, [r9, #16 * " #k "]\n"
#endif
/* Multiply pixel 0 or 1 with channel c: F in the first step, M in the others. */
#define A0 "r0"
#define A1 "r2"
#define A2 "r4"
#define A3 "r6"
#define B0 "r8"
#define B1 "r10"
#define B2 "r12"
#define B3 "lr"
#define F0(c) "vmladav.s8 " A##c ", q0, q2\n"
#define F1(c) "vmladav.s8 " B##c ", q1, q2\n"
#define M0(c) "vmladava.s8 " A##c ", q0, q2\n"
#define M1(c) "vmladava.s8 " B##c ", q1, q2\n"
/* Sums of channels 0 and 2, 1 and 3 of pixel 0 or 1. */
#define V02 "vmov q3[2], q3[0], r0, r4\n"
#define V01 "vmov q3[3], q3[1], r2, r6\n"
#define V12 "vmov q4[2], q4[0], r8, r12\n"
#define V11 "vmov q4[3], q4[1], r10, lr\n"
/* Parameters of the tile before this one, when n weights of this one are loaded. */
#define BIAS(n) "vldrw.32 q5, [r1, #-16 - 16 * " #n "]\n"
#define MULT(n) "vldrw.32 q5, [r1, #0 - 16 * " #n "]\n"
#define SHIFT(n) BIAS(n)
#define BIAS_0 "vldrw.32 q5, [r1, #16]\n"
#define MULT_0 "vldrw.32 q5, [r1, #32]\n"
#define SHIFT_0 BIAS_0
/* To the next pair of pixels; BEQ: to the end after the last. */
#define NEXT "ldrd r0, r8, " FW_ADVANCE "\n"
#define AX0 "add r3, r3, r0\n"
#define AX1 "add r9, r9, r0\n"
#define CMP "cmp r3, r8\n"
#define BEQ "beq 3f\n"
#define STRIDE "ldr r11, " FW_PITCH "\n"
#if FW_MORE
/* Inputs of the last step. */
#define X0L "vldrb.8 q0, [r3, #16 * (%c[steps] - 1)]!\n"
#define X1L "vldrb.8 q1, [r9, #16 * (%c[steps] - 1)]!\n"
#define BACK "ldr r5, " FW_BYTES "\n" "sub r1, r1, r5\n"
#define OUT "ldr r5, " FW_OUT "\n"
#define PUT "str r5, " FW_OUT "\n"
#define REW "ldr r5, " FW_REWIND "\n" "sub r3, r3, r5\n" "sub r9, r9, r5\n"
/* Steps from the middle of the last one of a tile to the middle of another, as many as FW_COUNT
 * says, and two more multiplications. `le` is the end of an endless loop, left in its middle: so
 * parts before and after a jump overlap. */
#define LOOP(top, end) \
  "ldr r5, " FW_COUNT "\n" "cmp r5, #0\n" #top ":\n" \
  M1(1) W M0(2) "beq " #end "f\n" M1(2) W M0(3) "vldrb.8 q0, [r3, #16]!\n" M1(3) \
  W M0(0) "vldrb.8 q1, [r9, #16]!\n" M1(0) W M0(1) "subs r5, r5, #1\n" "le " #top "b\n" #end ":\n"
#else
#define BACK "sub r1, r1, #2 * (32 + 64 * %c[steps])\n"
#define OUT
#define PUT
#define REW
#define LOOP(top, end)
#endif
/* clang-format on */

static inline void FW_WALK(const fw_matrix_block* block) {
  register const fw_matrix_block* r0 __asm__("r0") = block;
  __asm__ volatile(ENTER
                   "b 2f\n"
                   "1:\n" TILE_B "2:\n" TILE_A
                   "le 1b\n"
                   "3:\n" BIAS_0 BSH ADD0 ADD1 MULT_0 MUL0 MUL1 SGN0 LES0 SGN1 LES1 SHIFT_0 SHL0
                       SHL1 ZERO HT0 HT1 OUT Z0 Z1 N0 N1 ST0 O ST1 LEAVE
                   : "+r"(r0)
                   : [steps] "i"(FW_STEPS)
                   : FW_CLOBBERS);
}
