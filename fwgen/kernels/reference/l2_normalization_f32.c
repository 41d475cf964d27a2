/* out[r,c] = in[r,c] / max(sqrt(sum of squares of in[r,:]), 10^-6), added up in their order. A
 * multiplication, an addition and a division per element, a root per row.
 */
#include "l2_normalization_f32.h"

#include "reals.h"

void fw_l2_normalization_f32(const float* input, float* output, int32_t rows, int32_t depth) {
  for (int32_t r = 0; r < rows; r++) {
    float squares = 0.0f;
    for (int32_t c = 0; c < depth; c++) squares += input[c] * input[c];
    const float length = fw_square_root(squares);
    const float divisor = length < 1e-6f ? 1e-6f : length;
    for (int32_t c = 0; c < depth; c++) output[c] = input[c] / divisor;
    input += depth;
    output += depth;
  }
}
