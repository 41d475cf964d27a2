/* The tiles of the kernels for 113 to 128 inputs. 2 pixels and a block of 8 channels take
 * 286 cycles.
 */
/* clang-format off */
#define TILE_B \
  X1(0) V01 V11 V02 \
  WF F0(0) V12 F1(0) W F0(1) BIAS(2) F1(1) W F0(2) BSH F1(2) W F1(3) X1(1) F0(3) \
  W M1(0) X0(1) M0(0) W M1(1) ADD0 M0(1) W M0(2) ADD1 M1(2) W M1(3) X1(2) M0(3) \
  W M1(0) MULT(9) MUL0 X0(2) M0(0) W MUL1 M0(1) SGN0 M1(1) W M0(2) M1(2) W M0(3) X0(3) M1(3) \
  W M0(0) X1(3) M1(0) W M0(1) M1(1) W M0(2) M1(2) W M1(3) X1(4) M0(3) \
  W M1(0) X0(4) M0(0) W M0(1) LES0 M1(1) W M1(2) SGN1 M0(2) W M1(3) X1(5) M0(3) \
  W M1(0) X0(5) M0(0) W M0(1) LES1 M1(1) W M0(2) SHIFT(23) M1(2) W M1(3) X1(6) M0(3) \
  W M1(0) X0(6) M0(0) W M0(1) SHL0 M1(1) W M0(2) HB0 M1(2) W M0(3) X0(7) M1(3) \
  W M0(0) X1(7) M1(0) W M0(1) SHL1 M1(1) W M1(2) HB1 M0(2) W BACK M1(3) V02 V11 V12 NEXT M0(3) AX0 V01 \
  AX1 CMP BEQ
#define TILE_A \
  X1(0) \
  WF F1(0) X0(0) F0(0) W F0(1) BIAS(2) F1(1) BSH W F0(2) ADD0 F1(2) W F1(3) X1(1) F0(3) \
  W M1(0) X0(1) M0(0) W M1(1) ADD1 M0(1) MULT(6) MUL0 W M1(2) M0(2) W M1(3) X1(2) MUL1 SGN0 M0(3) \
  W M1(0) X0(2) M0(0) W M1(1) LES0 M0(1) W M1(2) SGN1 M0(2) W M1(3) X1(3) M0(3) \
  W M1(0) X0(3) M0(0) W M1(1) LES1 M0(1) W M0(2) SHIFT(15) M1(2) W SHL1 M1(3) X1(4) M0(3) \
  W M1(0) X0(4) M0(0) W M1(1) SHL0 M0(1) W M0(2) HT1 M1(2) W HT0 M1(3) X1(5) M0(3) \
  W M1(0) X0(5) M0(0) W M1(1) ZERO Z0 M0(1) W M1(2) Z1 M0(2) W M0(3) X0(6) M1(3) \
  W M0(0) X1(6) N0 M1(0) W M1(1) N1 M0(1) W M0(2) ST0 M1(2) W M0(3) X0(7) O M1(3) \
  W M0(0) X1(7) M1(0) W M0(1) ST1 M1(1) W O M0(2) STRIDE M1(2) W M0(3) X0(0) M1(3)
/* clang-format on */

#include "mve_matrix_steps.h"
