/* The tiles of the kernels for 17 to 32 inputs. 2 pixels and a block of 8 channels take
 * 115 cycles (103 without the rounding fix-up).
 */
/* clang-format off */
#define TILE_B \
  X1(0) V12 \
  WF F1(0) V02 F0(0) BIAS(1) BSH V11 W F1(1) V01 F0(1) W F0(2) ADD1 F1(2) ADD0 MULT(3) MUL0 W F0(3) X0(1) F1(3) X1(1) MUL1 SGN0 LES0 \
  W SGN1 M1(0) LES1 SHIFT(5) M0(0) SHL0 W M0(1) HB0 M1(1) W M0(2) SHL1 M1(2) W V02 BACK HB1 M1(3) V12 M0(3) NEXT V01 AX0 AX1 V11 CMP BEQ
#define TILE_A \
  WF X1(0) F1(0) BIAS(1) BSH ADD1 X0(0) F0(0) W F1(1) ADD0 F0(1) MULT(2) MUL0 W MUL1 SGN0 LES0 SGN1 LES1 SHIFT(3) SHL1 F0(2) SHL0 ZERO HT0 F1(2) W F1(3) HT1 F0(3) X0(1) Z1 \
  W Z0 M0(0) X1(1) M1(0) W M1(1) N1 M0(1) W M0(2) N0 M1(2) W M0(3) ST0 O ST1 O X0(0) STRIDE M1(3)
/* clang-format on */

#include "mve_matrix_steps.h"
