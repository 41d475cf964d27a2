/* The tiles of the kernels for 33 to 48 inputs. 2 pixels and a block of 8 channels take
 * 143 cycles (135 without the rounding fix-up).
 */
/* clang-format off */
#define TILE_B \
  X1(0) V12 V02 V01 \
  WF F1(0) V11 F0(0) W F1(1) BIAS(2) F0(1) BSH W F0(2) ADD1 F1(2) W F1(3) ADD0 X1(1) F0(3) \
  W M1(0) X0(1) M0(0) MULT(5) MUL0 W MUL1 SGN0 M0(1) LES0 M1(1) W M0(2) SGN1 M1(2) W M1(3) LES1 SHIFT(8) \
  M0(3) \
  W SHL1 X0(2) M0(0) X1(2) M1(0) W M0(1) HB1 M1(1) W SHL0 M0(2) HB0 M1(2) W M1(3) V02 V11 V12 NEXT M0(3) \
  AX0 CMP V01 BACK AX1 BEQ
#define TILE_A \
  WF X1(0) F1(0) BIAS(1) BSH X0(0) F0(0) W F0(1) ADD0 F1(1) W ADD1 F1(2) MULT(3) F0(2) W F1(3) X1(1) \
  F0(3) X0(1) MUL0 \
  W MUL1 SGN0 LES0 SGN1 LES1 SHIFT(5) M1(0) SHL0 M0(0) W M0(1) HT0 M1(1) W M0(2) SHL1 ZERO M1(2) W HT1 \
  M1(3) X1(2) M0(3) \
  W Z0 X0(2) N0 M1(0) Z1 M0(0) W M1(1) ST0 M0(1) W M0(2) N1 M1(2) O W M0(3) ST1 M1(3) X0(0) O STRIDE
/* clang-format on */

#include "mve_matrix_steps.h"
