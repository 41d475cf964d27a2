/* The tiles of the kernels for 129 to 144 inputs. 2 pixels and a block of 8 channels take
 * 316 cycles.
 */
/* clang-format off */
#define TILE_B \
  X1(0) V12 V02 \
  WF F1(0) BIAS(1) F0(0) V11 W F1(1) V01 F0(1) W F1(2) F0(2) W F1(3) X1(1) F0(3) \
  W M1(0) X0(1) M0(0) W M0(1) BSH M1(1) W M0(2) ADD0 M1(2) W M0(3) X0(2) M1(3) \
  W M0(0) X1(2) M1(0) W M0(1) ADD1 M1(1) W M0(2) MULT(11) M1(2) W M0(3) X0(3) M1(3) \
  W M0(0) X1(3) M1(0) W M1(1) M0(1) W M0(2) M1(2) W M1(3) M0(3) MUL0 X1(4) MUL1 \
  W M1(0) X0(4) M0(0) W M1(1) SGN0 M0(1) W M0(2) LES0 M1(2) W M1(3) X1(5) M0(3) \
  W M1(0) X0(5) M0(0) W M0(1) M1(1) W M0(2) SGN1 M1(2) W M0(3) X0(6) M1(3) \
  W M0(0) X1(6) M1(0) W M1(1) LES1 M0(1) W M1(2) SHIFT(27) M0(2) W M0(3) X0(7) M1(3) \
  W M0(0) X1(7) M1(0) W M1(1) SHL1 M0(1) W M1(2) SHL0 M0(2) W M1(3) X1(8) M0(3) \
  W M1(0) X0(8) M0(0) W M1(1) HB1 M0(1) W M0(2) HB0 M1(2) W V12 M1(3) V02 NEXT M0(3) AX1 AX0 CMP V11 V01 \
  BACK BEQ
#define TILE_A \
  WF X1(0) F1(0) X0(0) F0(0) W F0(1) BIAS(2) BSH F1(1) W F1(2) ADD0 F0(2) W F1(3) X1(1) F0(3) \
  W M1(0) X0(1) M0(0) W M1(1) ADD1 M0(1) MULT(6) MUL1 W M1(2) M0(2) W M0(3) X0(2) M1(3) \
  W M0(0) MUL0 X1(2) M1(0) W M1(1) SGN0 M0(1) W M0(2) LES0 M1(2) W M0(3) X0(3) M1(3) \
  W M0(0) X1(3) M1(0) W M1(1) SGN1 M0(1) W M0(2) LES1 SHIFT(15) SHL0 M1(2) W M0(3) X0(4) M1(3) \
  W M0(0) X1(4) M1(0) SHL1 W M1(1) HT0 M0(1) W M1(2) ZERO M0(2) W M0(3) X0(5) M1(3) \
  W M0(0) X1(5) M1(0) W M0(1) HT1 M1(1) W M0(2) Z0 M1(2) W M1(3) X1(6) M0(3) \
  W M1(0) X0(6) M0(0) W M1(1) N0 M0(1) W M1(2) ST0 M0(2) W M1(3) X1(7) M0(3) \
  W M1(0) O X0(7) M0(0) W M1(1) Z1 M0(1) W M1(2) N1 M0(2) W M1(3) X1(8) M0(3) \
  W M1(0) X0(8) M0(0) W M0(1) ST1 M1(1) W M1(2) O M0(2) W M0(3) X0(0) STRIDE M1(3)
/* clang-format on */

#include "mve_matrix_steps.h"
