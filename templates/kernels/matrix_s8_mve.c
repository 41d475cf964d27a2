/* Two rows at a time through mve_matrix.h, read where they are: their depth is a multiple of 16. */
#include "matrix_s8_mve.h"

void fw_matrix_s8_mve(const fw_matrix_s8_mve_params* p, const int8_t* input, const int8_t* weights,
                      const int32_t* quads, int8_t* output) {
  const int32_t bytes = 16 * p->vectors;
  for (int32_t rows = p->rows; rows > 0; rows -= 2) {
    const int32_t second = rows > 1 ? 1 : 0; /* of an odd last row: the same again */
    fw_mve_two_columns(weights, (const fw_mve_quad*)quads, input, input + second * bytes,
                       p->vectors, p->units, p->output_zero_point, output,
                       output + second * p->units);
    input += 2 * bytes;
    output += 2 * p->units;
  }
}
