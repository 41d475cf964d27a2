/* Matrix kernel for 17 to 32 inputs, pairs of pixels. Arithmetic and layout: mve_matrix.h; how it
 * goes: mve_matrix_2.h. */
#include "matrix_2_s8_mve.h"

#define FW_WALK matrix_2_walk
#define FW_STEPS 2
#define FW_MORE 0
#define FW_AWAY 1
#include "mve_matrix_2.h"

void fw_matrix_2_s8_mve(const fw_matrix_params* p, const int8_t* input, int32_t first,
                        int32_t count, const int32_t* weights, int8_t* output) {
  fw_matrix_pairs(p, input, first, count, weights, output, FW_STEPS, FW_MORE, FW_WALK);
}

#include "mve_matrix_end.h"
