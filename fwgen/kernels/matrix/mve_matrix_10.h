/* The tiles of the kernels for 113 and more inputs. 2 pixels and a block of 8 channels take
 * 301 cycles and 32 for each vector of 16 inputs beyond 8.
 */
/* clang-format off */
#define TILE_B \
  V12 \
  WF V11 X1(0) F1(0) V02 F0(0) W F1(1) V01 F0(1) W F1(2) F0(2) W F1(3) X1(1) F0(3) \
  W M1(0) X0(1) M0(0) W M1(1) M0(1) W M1(2) M0(2) W M0(3) BIAS(8) M1(3) X1(2) BSH \
  W M1(0) X0(2) M0(0) W M1(1) ADD1 M0(1) W M0(2) ADD0 M1(2) W M1(3) X1(3) M0(3) \
  W M1(0) MULT(13) MUL1 X0(3) MUL0 M0(0) W M0(1) M1(1) W M1(2) M0(2) W M0(3) X0(4) M1(3) \
  W M0(0) X1(4) M1(0) W M0(1) SGN0 M1(1) W M1(2) LES0 M0(2) W M1(3) X1(5) M0(3) \
  W M1(0) X0(5) M0(0) W M1(1) SGN1 M0(1) W M1(2) LES1 SHIFT(23) M0(2) W M1(3) X1(6) M0(3) \
  W M1(0) X0(6) M0(0) SHL1 W M0(1) SHL0 M1(1) W M1(2) HB0 M0(2) W M0(3) X0L M1(3) \
  W M0(0) X1L M1(0) W M0(1) LOOP(4, 5) HB1 M1(2) V02 V12 W BACK M1(3) NEXT V11 AX0 M0(3) AX1 V01 CMP BEQ
#define TILE_A \
  WF X0(0) F0(0) X1(0) F1(0) BIAS(1) BSH W F1(1) ADD1 F0(1) W F0(2) ADD0 F1(2) W F0(3) X0(1) F1(3) \
  W M0(0) MULT(5) MUL0 X1(1) M1(0) W M0(1) OUT M1(1) W MUL1 SGN0 M0(2) LES0 M1(2) W M0(3) X0(2) M1(3) \
  W M0(0) X1(2) M1(0) W M1(1) SGN1 M0(1) W M0(2) LES1 SHIFT(11) M1(2) W M1(3) X1(3) M0(3) SHL0 \
  W M1(0) X0(3) M0(0) W M1(1) SHL1 M0(1) W M1(2) ZERO M0(2) W M0(3) X0(4) M1(3) \
  W M0(0) X1(4) M1(0) W M0(1) HT1 M1(1) W M1(2) HT0 M0(2) W M1(3) X1(5) M0(3) X0(5) Z0 \
  W M0(0) N0 M1(0) W M1(1) Z1 M0(1) W M1(2) ST0 M0(2) W M1(3) X1(6) M0(3) \
  W M1(0) X0(6) M0(0) O W M1(1) N1 M0(1) W M1(2) ST1 M0(2) W M1(3) X1L M0(3) \
  W M1(0) X0L M0(0) O W M0(1) PUT LOOP(6, 7) M1(2) W M0(3) STRIDE REW M1(3) X0(0)
/* clang-format on */

#include "mve_matrix_steps.h"
