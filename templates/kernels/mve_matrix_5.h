/* The tiles of the kernels for 65 and more inputs. 2 pixels and a block of 8 channels take
 * 180 cycles and 32 for each vector of 16 inputs beyond 4.
 */
/* clang-format off */
#define TILE_B \
  V02 X1(0) V12 \
  WF F0(0) V11 F1(0) W F1(1) V01 F0(1) W F0(2) F1(2) W F0(3) BIAS(4) BSH F1(3) \
  W ADD1 X0(1) M0(0) X1(1) M1(0) W M0(1) ADD0 M1(1) MULT(6) MUL0 W MUL1 SGN0 M1(2) LES0 M0(2) W SGN1 M0(3) X0(2) M1(3) \
  W M0(0) X1(2) M1(0) W M0(1) LES1 M1(1) W M1(2) SHIFT(11) M0(2) W M0(3) SHL0 X0L M1(3) \
  W M0(0) X1L M1(0) SHL1 W M0(1) HB1 LOOP(4, 5) HB0 M1(2) W M0(3) V02 M1(3) V12 V01 NEXT BACK AX1 AX0 V11 CMP BEQ
#define TILE_A \
  WF X0(0) F0(0) X1(0) F1(0) BIAS(1) BSH ADD0 W F0(1) ADD1 F1(1) W F1(2) OUT F0(2) MULT(3) MUL0 W MUL1 SGN0 F0(3) LES0 X0(1) F1(3) \
  W SGN1 M0(0) X1(1) M1(0) W LES1 M1(1) SHIFT(6) M0(1) W M1(2) SHL0 M0(2) W M0(3) X0(2) SHL1 ZERO M1(3) \
  W HT0 M0(0) X1(2) Z0 M1(0) W M1(1) N0 M0(1) W M0(2) HT1 M1(2) W M1(3) ST0 Z1 X1L N1 M0(3) \
  W O M1(0) ST1 O X0L M0(0) W M0(1) PUT LOOP(6, 7) STRIDE REW M1(2) W M0(3) X0(0) M1(3)
/* clang-format on */

#include "mve_matrix_steps.h"
