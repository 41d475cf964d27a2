/* Arithmetic and layout: mve_matrix_s16.h. */
#include "matrix_s16_s32_mve.h"

#include "mve_pairs_s16_s32.h"
#include "mve_pairs_s16_s32_long.h"
#include "mve_single_s16_s32.h"

static inline void pairs_s16_s32(const fw_mve_quad* quad) {
  if (quad->count < 0) {
    fw_mve_pairs_s16_s32(quad);
  } else {
    fw_mve_pairs_s16_s32_long(quad);
  }
}

void fw_matrix_s16_s32_mve(const fw_matrix_s16_params* p, const int16_t* input, int32_t paired,
                           int32_t count, const int8_t* weights, int16_t* output) {
  fw_mve_quads(p, input, paired, count, weights, output, 48, pairs_s16_s32, fw_mve_single_s16_s32);
}
