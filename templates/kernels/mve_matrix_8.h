/* The tiles of the kernels for 113 to 128 inputs. 2 pixels and a block of 8 channels take
 * 286 cycles.
 */
/* clang-format off */
#define TILE_B \
  V12 V02 \
  WF F0(0) X1(0) F1(0) V01 W F0(1) V11 F1(1) W F0(2) BIAS(3) BSH F1(2) W F1(3) X1(1) F0(3) \
  W M1(0) X0(1) M0(0) W M1(1) ADD0 M0(1) W M0(2) ADD1 M1(2) W M1(3) X1(2) M0(3) \
  W M1(0) MULT(9) MUL0 X0(2) M0(0) W MUL1 M0(1) M1(1) W M1(2) SGN0 M0(2) W M0(3) X0(3) M1(3) \
  W M0(0) X1(3) M1(0) W M1(1) M0(1) W M1(2) LES0 M0(2) W M1(3) X1(4) M0(3) \
  W M1(0) X0(4) M0(0) W M0(1) SGN1 M1(1) W M1(2) M0(2) W M1(3) X1(5) M0(3) \
  W M1(0) X0(5) M0(0) W M0(1) LES1 M1(1) W M1(2) M0(2) W M1(3) X1(6) M0(3) SHIFT(24) SHL1 \
  W M1(0) X0(6) M0(0) W M0(1) SHL0 M1(1) W M0(2) HB0 M1(2) W M0(3) X0(7) M1(3) \
  W M0(0) X1(7) M1(0) W M0(1) HB1 M1(1) W M1(2) V12 M0(2) W BACK M1(3) V02 NEXT M0(3) AX0 CMP V11 V01 AX1 BEQ
#define TILE_A \
  WF X1(0) F1(0) X0(0) F0(0) W F0(1) BIAS(2) BSH F1(1) W F0(2) ADD0 F1(2) W F1(3) X1(1) F0(3) \
  W M1(0) X0(1) M0(0) W M1(1) ADD1 M0(1) MULT(6) MUL0 W M1(2) M0(2) W M1(3) X1(2) MUL1 SGN0 M0(3) \
  W M1(0) X0(2) M0(0) W M1(1) LES0 M0(1) W M1(2) SGN1 M0(2) W M1(3) X1(3) M0(3) \
  W M1(0) X0(3) M0(0) W M1(1) LES1 M0(1) W M0(2) SHIFT(15) SHL1 M1(2) W M1(3) X1(4) M0(3) \
  W M1(0) X0(4) M0(0) W M1(1) SHL0 M0(1) W HT0 M0(2) HT1 M1(2) W M1(3) X1(5) M0(3) \
  W M1(0) X0(5) M0(0) W M1(1) ZERO Z0 M0(1) W M1(2) Z1 M0(2) W N0 M0(3) X0(6) M1(3) \
  W M0(0) X1(6) M1(0) W M1(1) N1 M0(1) W M0(2) ST0 M1(2) W M0(3) X0(7) M1(3) \
  W M0(0) O X1(7) M1(0) W M0(1) ST1 O M1(1) W M0(2) STRIDE M1(2) W M0(3) X0(0) M1(3)
/* clang-format on */

#include "mve_matrix_steps.h"
