/* The tiles of the kernels for 17 to 32 inputs. 2 pixels and a block of 8 channels take
 * 115 cycles (105 without the rounding fix-up).
 */
/* clang-format off */
#define TILE_B \
  V12 X1(0) V11 \
  WF F1(0) V02 F0(0) BIAS(1) BSH W F1(1) V01 F0(1) W ADD0 F0(2) ADD1 F1(2) MULT(3) MUL0 W F0(3) X0(1) \
  F1(3) X1(1) MUL1 SGN0 \
  W LES0 M1(0) SGN1 LES1 SHIFT(5) M0(0) SHL0 W M0(1) HB0 M1(1) W M0(2) SHL1 M1(2) W M0(3) HB1 M1(3) V02 \
  V12 NEXT V11 AX0 V01 AX1 BACK CMP BEQ
#define TILE_A \
  X1(0) \
  WF F1(0) BIAS(1) BSH X0(0) F0(0) W F1(1) ADD0 F0(1) ADD1 MULT(2) MUL0 W MUL1 SGN0 LES0 SGN1 F1(2) LES1 \
  SHIFT(3) SHL0 F0(2) SHL1 W HT0 F1(3) ZERO HT1 F0(3) X0(1) Z1 \
  W M0(0) X1(1) Z0 M1(0) W M1(1) N1 M0(1) W M0(2) N0 M1(2) W M0(3) ST0 O ST1 O M1(3) X0(0) STRIDE
/* clang-format on */

#include "mve_matrix_steps.h"
