/* The walk of one pixel through all blocks, for an even number of whole vectors of inputs, 8 or
 * more. Arithmetic: mve_matrix.h. A kernel defines
 *   FW_WALK     the name of the function that is defined here
 *   FW_UNIFORM  1 if one multiplier and one shift serve all channels: they stay in memory, and the
 *               constants have, block by block, only biases; 0 if they have the parameters
 *   TILE        the multiplications of a block, in the words defined here
 * and includes this file, and mve_matrix_end.h in the end.
 *
 * Blocks are in ascending order. First come the parameters of the last block, then for each block
 * its weights and, but for the last, its parameters: those of tile A, then those of B. Weights are
 * for each vector of inputs 16 bytes of the channels of A, then of B.
 *
 * Each weight is used once: 9 loads and 8 multiply-accumulates for 16 inputs and 8 channels, 18
 * cycles or 7.1 MAC a cycle, as a load takes its unit 2 cycles. While a block is multiplied, the
 * sums of the block before it are rescaled and stored; the first pass, before which there is none,
 * stores what it finds where it does not matter. The order of the words is from a search for the
 * least cycles.
 *
 * q0 holds inputs, q1 and q2 weights, q3 and q4 the sums of A and B, q5 and q7 parameters, q6
 * results. r1 points to the weights last loaded, r3 to the inputs; r5 holds what serves all
 * channels, then it counts, then it points to where the block before is stored, r9 to where the
 * next is; r11 counts the outputs from the block before on.
 */
#include <stdint.h>

#include "mve_matrix.h"
#include "mve_requantize.h"

/* clang-format off */
#define A0 "r0"
#define A1 "r2"
#define A2 "r4"
#define A3 "r6"
#define A4 "r8"
#define A5 "r10"
#define A6 "r12"
#define A7 "lr"
#define Q0 "q1"
#define Q1 "q2"
#define Q2 "q1"
#define Q3 "q2"
#define Q4 "q1"
#define Q5 "q2"
#define Q6 "q1"
#define Q7 "q2"
#define X "vldrb.8 q0, [r3], #16\n"
/* The next weights; WF1: the first of a block, past the parameters in between. */
#define W1 "vldrw.32 q1, [r1, #16]!\n"
#define W2 "vldrw.32 q2, [r1, #16]!\n"
#define F(c) "vmladav.s8 " A##c ", q0, " Q##c "\n"
#define M(c) "vmladava.s8 " A##c ", q0, " Q##c "\n"
#define VA02 "vmov q3[2], q3[0], r0, r4\n"
#define VA13 "vmov q3[3], q3[1], r2, r6\n"
#define VB02 "vmov q4[2], q4[0], r8, r12\n"
#define VB13 "vmov q4[3], q4[1], r10, lr\n"
/* Parameters of the block before, when n weights of this one are loaded. What serves all channels
 * is loaded where tile A wants it, and still there for B. */
#if FW_UNIFORM
#define FW_PARAMETERS 32 /* bytes of a block */
#define WF1 "vldrw.32 q1, [r1, #48]!\n"
#define BIAS_A(n) "vldrw.32 q5, [r1, #-16 - 16 * " #n "]\n"
#define BIAS_B(n) "vldrw.32 q7, [r1, #0 - 16 * " #n "]\n"
#define BSH_A
#define BSH_B
#define MULT_A(n) "ldr r5, " FW_MULTIPLIER "\n"
#define MULT_B(n)
#define SHIFT_A(n) "ldr r5, " FW_SHIFT "\n"
#define SHIFT_B(n)
#define MUL0 FW_MVE_SCALE("q3", "r5")
#define MUL1 FW_MVE_SCALE("q4", "r5")
#define SGN0 "mov r5, #1\n" /* after both products; of the fix-up for both */
#define LES0 FW_MVE_AWAY_ONE("q3", "r5")
#define SGN1
#define LES1 FW_MVE_AWAY_ONE("q4", "r5")
#define SHL0 FW_MVE_SHIFT_ALL("q3", "r5")
#define SHL1 FW_MVE_SHIFT_ALL("q4", "r5")
#else
#define FW_PARAMETERS 64
#define WF1 "vldrw.32 q1, [r1, #80]!\n"
#define BIAS_A(n) "vldrw.32 q5, [r1, #-48 - 16 * " #n "]\n"
#define BIAS_B(n) "vldrw.32 q7, [r1, #-16 - 16 * " #n "]\n"
#define BSH_A FW_MVE_BIAS("q5", "q5")
#define BSH_B FW_MVE_BIAS("q7", "q7")
#define MULT_A(n) "vldrw.32 q5, [r1, #-32 - 16 * " #n "]\n"
#define MULT_B(n) "vldrw.32 q7, [r1, #0 - 16 * " #n "]\n"
#define SHIFT_A(n) BIAS_A(n)
#define SHIFT_B(n) BIAS_B(n)
#define MUL0 FW_MVE_SCALE("q3", "q5")
#define MUL1 FW_MVE_SCALE("q4", "q7")
#define SGN0 FW_MVE_SIGN("q5", "q3")
#define LES0 FW_MVE_LESS("q3", "q5")
#define SGN1 FW_MVE_SIGN("q7", "q4")
#define LES1 FW_MVE_LESS("q4", "q7")
#define SHL0 FW_MVE_SHIFT("q3", "q5")
#define SHL1 FW_MVE_SHIFT("q4", "q7")
#endif
#define ADD0 "vadd.i32 q3, q3, q5\n"
#define ADD1 "vadd.i32 q4, q4, q7\n"
#define HB FW_MVE_HALF_B("q6", "q3")
#define HT FW_MVE_HALF_T("q6", "q4")
#define ZERO "ldr r5, " FW_ZERO "\n"
#define Z "vqadd.s16 q6, q6, r5\n"
#define N FW_MVE_BYTE_B("q6", "q6")
#define VCTP "vctp.16 r11\n"
#define OUT "ldr r5, " FW_OUT "\n"
#define ST "vpst\n" "vstrbt.16 q6, [r5]\n"
#define PUT "str r9, " FW_OUT "\n" "add r9, r9, #8\n"
/* Two vectors of inputs at a time, from the middle of the last of the tile to the middle of
 * another, and two more multiplications. `le` is the end of an endless loop. */
#define HALF W1 M(0) W2 M(1) W1 M(2) W2 M(3)
#define LOOP \
  "ldr r5, " FW_COUNT "\n" "cmp r5, #0\n" \
  "4:\n" W1 M(4) W2 M(5) "beq 5f\n" W1 M(6) W2 M(7) \
  X HALF W1 M(4) W2 M(5) W1 M(6) W2 M(7) X "subs r5, r5, #1\n" HALF "le 4b\n" "5:\n"
/* clang-format on */

/* On the stack are, from `nowhere` on, the members. */
#define FW_OUT "[sp]"
#define FW_COUNT "[sp, #4]"
#define FW_INPUT "[sp, #8]"
#define FW_LAST "[sp, #12]"
#define FW_ZERO "[sp, #16]"
#define FW_MULTIPLIER "[sp, #20]"
#define FW_SHIFT "[sp, #24]"

#ifndef FW_MVE_MATRIX_SINGLE_H
#define FW_MVE_MATRIX_SINGLE_H

/* What the instructions are given, in the order in which they take it. */
typedef struct {
  const int32_t* weights; /* 16 bytes before a block's parameters */
  int8_t* output;
  int32_t left; /* outputs, and 8 */
  int8_t* nowhere;
  int32_t loops; /* of 2 vectors beyond 8 */
  const int8_t* input;
  const int32_t* last; /* 16 bytes before the weights, which the last block's parameters precede */
  int32_t zero_point, multiplier, shift;
} fw_matrix_pixel;

/* `blocks` are all but, if FW_UNIFORM, the multiplier and the shift; `parameters` is the kernel's
 * FW_PARAMETERS, `walk` its FW_WALK. */
static inline void fw_matrix_singles(const fw_matrix_params* p, const int8_t* input, int32_t first,
                                     int32_t count, const int32_t* blocks, int32_t multiplier,
                                     int32_t shift, int8_t* output, int32_t parameters,
                                     void (*walk)(const fw_matrix_pixel*)) {
  int8_t nowhere[8];
  fw_matrix_pixel pixel = {
      .weights = blocks - 4,
      .left = p->channels + 8,
      .nowhere = nowhere,
      .loops = (p->depth >> 5) - 4,
      .last = blocks - 4 + parameters / 4,
      .zero_point = p->zero_point,
      .multiplier = multiplier,
      .shift = shift,
  };
  for (int32_t i = first; i < first + count; i++) {
    pixel.input = input + i * p->input_pitch;
    pixel.output = output + i * p->output_pitch;
    walk(&pixel);
  }
}

#endif

static inline void FW_WALK(const fw_matrix_pixel* pixel) {
  register const fw_matrix_pixel* r0 __asm__("r0") = pixel;
  __asm__ volatile(
      "ldm r0!, {r1, r9, r11}\n"
      "ldm r0, {r2, r3, r4, r5, r6, r8, r10}\n"
      "push {r2, r3, r4, r5, r6, r8, r10}\n"
      "1:\n"
      "ldr r3, " FW_INPUT "\n" TILE
      "subs r11, r11, #8\n"
      "cmp r11, #8\n"
      "bgt 1b\n"
      "ldr r1, " FW_LAST "\n" VA02 VA13 VB02 VB13 BIAS_A(0) BSH_A ADD0 BIAS_B(0)
          BSH_B ADD1 MULT_A(0) MUL0 MULT_B(0) MUL1 SGN0 LES0 SGN1 LES1 SHIFT_A(0) SHL0 SHIFT_B(0)
              SHL1 ZERO HB HT VCTP Z N OUT ST "add sp, sp, #28\n"
      : "+r"(r0)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2",
        "q3", "q4", "q5", "q6", "q7", "cc", "memory");
}
