/* The tiles of the kernels for 113 and more inputs. 2 pixels and a block of 8 channels take
 * 302 cycles and 32 for each vector of 16 inputs beyond 8.
 */
/* clang-format off */
#define TILE_B \
  WF V12 V11 X1(0) F1(0) V02 F0(0) W F1(1) V01 F0(1) W F1(2) F0(2) W F1(3) X1(1) F0(3) \
  W M1(0) X0(1) M0(0) W M0(1) M1(1) W M1(2) M0(2) W M0(3) BIAS(8) BSH M1(3) \
  W ADD0 X1(2) M1(0) X0(2) M0(0) W M0(1) M1(1) W M0(2) ADD1 M1(2) W M1(3) X1(3) M0(3) \
  W M1(0) MULT(13) MUL0 X0(3) M0(0) W M0(1) M1(1) W M1(2) M0(2) MUL1 W M0(3) X0(4) M1(3) \
  W M0(0) X1(4) M1(0) W M0(1) SGN0 M1(1) W M1(2) LES0 M0(2) W M1(3) X1(5) M0(3) \
  W M1(0) X0(5) M0(0) W M1(1) SGN1 M0(1) W M1(2) LES1 M0(2) W M1(3) SHIFT(24) SHL1 X1(6) M0(3) \
  W M1(0) X0(6) M0(0) W M0(1) M1(1) W M1(2) SHL0 M0(2) W M0(3) X0L M1(3) \
  W M0(0) X1L M1(0) W M0(1) HB0 LOOP(4, 5) HB1 M1(2) V02 W M1(3) V12 BACK NEXT M0(3) AX1 V01 V11 AX0 CMP BEQ
#define TILE_A \
  WF OUT X0(0) F0(0) X1(0) F1(0) BIAS(1) BSH ADD0 W F1(1) ADD1 F0(1) W F0(2) F1(2) W F0(3) X0(1) F1(3) \
  W M0(0) MULT(5) MUL0 X1(1) M1(0) W M0(1) M1(1) W MUL1 SGN0 M0(2) LES0 M1(2) W M0(3) X0(2) M1(3) \
  W M0(0) X1(2) M1(0) W M1(1) SGN1 M0(1) W M0(2) LES1 M1(2) W M1(3) X1(3) M0(3) \
  W M1(0) SHIFT(13) SHL0 X0(3) M0(0) W M0(1) SHL1 M1(1) W M1(2) ZERO M0(2) W M0(3) X0(4) M1(3) \
  W M0(0) X1(4) M1(0) W M0(1) HT1 M1(1) W M1(2) HT0 M0(2) W M1(3) X1(5) M0(3) X0(5) Z0 \
  W M0(0) N0 M1(0) W M1(1) Z1 M0(1) W M1(2) ST0 M0(2) W M1(3) X1(6) N1 M0(3) \
  W M1(0) X0(6) M0(0) W M0(1) O M1(1) W M1(2) ST1 M0(2) W M1(3) O X1L M0(3) \
  W M1(0) X0L M0(0) W M0(1) PUT LOOP(6, 7) STRIDE REW M1(2) W M0(3) X0(0) M1(3)
/* clang-format on */

#include "mve_matrix_steps.h"
