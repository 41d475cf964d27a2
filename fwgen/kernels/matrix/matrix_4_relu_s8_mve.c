/* Matrix kernel for 49 to 64 inputs, pairs of pixels, outputs clamped at their zero point.
 * Arithmetic and layout: mve_matrix.h; how it goes: mve_matrix_4.h. */
#include "matrix_4_relu_s8_mve.h"

#define FW_WALK matrix_4_relu_walk
#define FW_STEPS 4
#define FW_MORE 0
#define FW_AWAY 0
#include "mve_matrix_4.h"

void fw_matrix_4_relu_s8_mve(const fw_matrix_params* p, const int8_t* input, int32_t first,
                             int32_t count, const int32_t* weights, int8_t* output) {
  fw_matrix_pairs(p, input, first, count, weights, output, FW_STEPS, FW_MORE, FW_WALK);
}

#include "mve_matrix_end.h"
