/* Arithmetic: mve_matrix.h; layout and how it goes: mve_matrix_single.h. */
#include "matrix_single_uniform_s8_mve.h"

#define FW_UNIFORM 1
#include "mve_matrix_single.h"

void fw_matrix_single_uniform_s8_mve(const fw_matrix_params* p, const int8_t* input, int32_t first,
                                     int32_t count, const int32_t* weights, int8_t* output) {
  fw_matrix_singles(p, input, first, count, weights + 2, weights[0], weights[1], output);
}
