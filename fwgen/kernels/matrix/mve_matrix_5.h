/* The tiles of the kernels for 65 and more inputs. 2 pixels and a block of 8 channels take
 * 180 cycles and 32 for each vector of 16 inputs beyond 4.
 */
/* clang-format off */
#define TILE_B \
  V12 X1(0) V02 \
  WF F0(0) V11 F1(0) W F1(1) V01 F0(1) W F0(2) BIAS(3) F1(2) W F0(3) X0(1) F1(3) BSH \
  W ADD1 M0(0) X1(1) M1(0) W M0(1) ADD0 M1(1) MULT(6) MUL0 W MUL1 SGN0 M1(2) LES0 M0(2) W M0(3) X0(2) \
  M1(3) \
  W M0(0) X1(2) M1(0) SGN1 W M0(1) LES1 M1(1) W M1(2) SHIFT(11) M0(2) W SHL0 M0(3) SHL1 X0L M1(3) \
  W M0(0) X1L M1(0) W M0(1) HB1 LOOP(4, 5) M1(2) W HB0 BACK V02 M0(3) V12 M1(3) NEXT V11 V01 AX0 AX1 CMP \
  BEQ
#define TILE_A \
  WF OUT X0(0) F0(0) X1(0) F1(0) BIAS(1) BSH W F0(1) ADD1 F1(1) W F1(2) ADD0 F0(2) MULT(3) MUL0 W MUL1 \
  SGN0 F0(3) LES0 X0(1) F1(3) SGN1 \
  W M0(0) X1(1) M1(0) W LES1 M1(1) SHIFT(6) M0(1) W M1(2) SHL0 M0(2) W M0(3) X0(2) SHL1 ZERO HT0 M1(3) \
  W M0(0) Z0 X1(2) M1(0) W M1(1) N0 M0(1) W M0(2) ST0 HT1 M1(2) W Z1 M1(3) X1L N1 M0(3) \
  W O M1(0) ST1 O X0L PUT M0(0) W M0(1) LOOP(6, 7) M1(2) W M1(3) REW STRIDE M0(3) X0(0)
/* clang-format on */

#include "mve_matrix_steps.h"
