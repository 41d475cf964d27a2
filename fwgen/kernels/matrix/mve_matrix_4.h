/* The tiles of the kernels for 49 to 64 inputs. 2 pixels and a block of 8 channels take
 * 168 cycles (163 without the rounding fix-up).
 */
/* clang-format off */
#define TILE_B \
  WF V11 V12 V02 F0(0) X1(0) F1(0) W V01 F0(1) BIAS(2) F1(1) W BSH F0(2) ADD1 F1(2) W F0(3) X0(1) F1(3) \
  W M0(0) X1(1) M1(0) W M1(1) ADD0 M0(1) MULT(6) MUL0 W MUL1 SGN0 M1(2) LES0 M0(2) W M1(3) SGN1 X1(2) \
  M0(3) \
  W M1(0) X0(2) LES1 M0(0) W M0(1) SHIFT(10) M1(1) W M1(2) SHL0 M0(2) W HB0 M1(3) X1(3) M0(3) \
  W M1(0) X0(3) M0(0) W M1(1) SHL1 M0(1) W M0(2) HB1 M1(2) W M1(3) V02 M0(3) V12 NEXT V11 AX1 AX0 BACK \
  CMP V01 BEQ
#define TILE_A \
  X1(0) \
  WF F1(0) BIAS(1) BSH X0(0) F0(0) W F1(1) ADD1 F0(1) W F1(2) ADD0 F0(2) W F1(3) MULT(4) F0(3) X0(1) \
  MUL1 \
  W MUL0 X1(1) SGN0 M0(0) LES0 M1(0) SGN1 W LES1 M0(1) SHIFT(6) SHL0 M1(1) SHL1 W M0(2) HT1 M1(2) W \
  M1(3) X1(2) M0(3) \
  W HT0 M1(0) X0(2) M0(0) W M1(1) ZERO M0(1) Z0 W M0(2) N0 M1(2) W M1(3) X1(3) M0(3) \
  W M1(0) Z1 X0(3) M0(0) W N1 M0(1) ST0 O M1(1) W M0(2) ST1 M1(2) W M0(3) X0(0) O STRIDE M1(3)
/* clang-format on */

#include "mve_matrix_steps.h"
