/* Arithmetic and layout: mve_matrix_s16.h. */
#include "matrix_s16_mve.h"

#include "mve_pairs_s16.h"
#include "mve_pairs_s16_long.h"
#include "mve_single_s16.h"

static inline void pairs_s16(const fw_mve_quad* quad) {
  if (quad->count < 0) {
    fw_mve_pairs_s16(quad);
  } else {
    fw_mve_pairs_s16_long(quad);
  }
}

void fw_matrix_s16_mve(const fw_matrix_s16_params* p, const int16_t* input, int32_t paired,
                       int32_t count, const int8_t* weights, int16_t* output) {
  fw_mve_quads(p, input, paired, count, weights, output, 32, pairs_s16, fw_mve_single_s16);
}
