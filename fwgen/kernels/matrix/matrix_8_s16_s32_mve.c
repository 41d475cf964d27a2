/* Arithmetic and layout: mve_matrix_s16.h. Of 49 to 64 inputs: all 8 steps are in one pass. */
#include "matrix_8_s16_s32_mve.h"

#include "mve_pairs_8_s16_s32.h"
#include "mve_single_s16_s32.h"

void fw_matrix_8_s16_s32_mve(const fw_matrix_s16_params* p, const int16_t* input, int32_t paired,
                             int32_t count, const int8_t* weights, int16_t* output) {
  fw_mve_quads(p, input, paired, count, weights, output, 48, fw_mve_pairs_8_s16_s32,
               fw_mve_single_s16_s32);
}
