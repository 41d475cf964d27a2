/* Arithmetic: mve_matrix.h; layout and how it goes: mve_matrix_single.h. A block of
 * 128 inputs takes 172 cycles. */
#include "matrix_single_uniform_s8_mve.h"

#define FW_WALK matrix_single_uniform_walk
#define FW_UNIFORM 1
/* clang-format off */
#define TILE \
  WF1 VB02 W2 VA02 BIAS_B(2) VA13 X F(0) W1 F(2) BIAS_A(3) F(1) W2 F(3) W1 F(4) W2 VB13 W1 F(5) W2 F(6) \
  W1 F(7) \
  X M(0) W2 ADD1 W1 ADD0 M(1) W2 M(3) MULT_A(12) M(2) W1 MUL0 W2 M(4) W1 M(5) W2 M(6) W1 M(7) \
  X M(0) W2 MUL1 SGN0 W1 M(1) W2 M(2) W1 M(3) W2 M(4) W1 M(5) W2 M(6) W1 M(7) \
  X M(0) W2 M(1) W1 M(2) W2 M(3) W1 M(4) W2 LES0 W1 M(5) W2 M(6) W1 M(7) \
  X LES1 W2 M(0) W1 M(1) W2 M(3) SHIFT_A(36) M(2) W1 SHL1 W2 M(4) W1 M(5) W2 M(6) W1 M(7) W2 SHL0 \
  X HB M(0) W1 M(2) HT M(1) W2 M(3) W1 M(4) ZERO W2 Z W1 M(5) W2 M(6) W1 M(7) \
  X M(0) W2 M(1) W1 W2 M(2) W1 M(3) W2 M(4) W1 M(5) W2 M(6) W1 M(7) \
  X M(0) W2 N M(1) W1 M(2) W2 M(3) LOOP VCTP OUT W1 M(6) PUT W2 ST M(7)
/* clang-format on */
#include "mve_matrix_single.h"

void fw_matrix_single_uniform_s8_mve(const fw_matrix_params* p, const int8_t* input, int32_t first,
                                     int32_t count, const int32_t* weights, int8_t* output) {
  fw_matrix_singles(p, input, first, count, weights + 2, weights[0], weights[1], output,
                    FW_PARAMETERS, FW_WALK);
}

#include "mve_matrix_end.h"
