/* Arithmetic: mve_matrix.h; layout and how it goes: mve_matrix_single.h. A block of
 * 128 inputs takes 179 cycles. */
#include "matrix_single_s8_mve.h"

#define FW_WALK matrix_single_walk
#define FW_UNIFORM 0
/* clang-format off */
#define TILE \
  WF1 VA13 W2 VA02 X F(0) W1 F(1) W2 F(3) VB02 F(2) W1 F(4) W2 VB13 W1 F(5) W2 F(6) BIAS_A(8) BSH_A \
  BIAS_B(8) ADD0 W1 BSH_B F(7) \
  X M(0) W2 ADD1 W1 M(1) W2 M(3) MULT_A(12) M(2) W1 MUL0 W2 M(4) W1 M(5) W2 M(6) W1 M(7) \
  X M(0) MULT_B(17) MUL1 W2 SGN0 W1 M(1) W2 M(2) SGN1 W1 M(3) W2 LES0 SHIFT_A(22) M(4) W1 M(5) W2 M(6) \
  W1 M(7) \
  X M(0) W2 M(1) W1 M(2) W2 M(3) W1 M(4) W2 LES1 SHIFT_B(30) W1 M(5) W2 M(6) W1 M(7) W2 \
  X M(0) W1 M(1) W2 M(3) ZERO M(2) W1 SHL0 W2 M(4) W1 M(5) W2 M(6) W1 M(7) W2 SHL1 \
  X M(0) W1 M(2) HB M(1) W2 M(3) W1 M(4) W2 W1 M(5) W2 M(6) W1 M(7) \
  X M(0) W2 HT M(1) W1 Z W2 M(2) W1 N M(3) W2 M(4) W1 M(5) W2 M(6) W1 M(7) \
  X M(0) W2 M(1) W1 M(2) W2 M(3) LOOP OUT VCTP W1 PUT ST M(6) W2 M(7)
/* clang-format on */
#include "mve_matrix_single.h"

void fw_matrix_single_s8_mve(const fw_matrix_params* p, const int8_t* input, int32_t first,
                             int32_t count, const int32_t* weights, int8_t* output) {
  fw_matrix_singles(p, input, first, count, weights, 0, 0, output, FW_PARAMETERS, FW_WALK);
}

#include "mve_matrix_end.h"
