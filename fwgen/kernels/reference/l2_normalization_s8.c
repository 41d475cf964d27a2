/* out = clamp(requantize(in - zp, 1 / sqrt(sum (in - zp)^2))) in units of 1/128. One multiplication
 * per element for the sum and one for the quotient; 32-bit sums, proven at build not to overflow.
 */
#include "l2_normalization_s8.h"

#include "inverse_sqrt.h"
#include "requantize.h"

void fw_l2_normalization_s8(const int8_t* input, int8_t* output, int32_t rows, int32_t depth,
                            int32_t zero_point) {
  for (int32_t r = 0; r < rows; r++) {
    int32_t sum = 0;
    for (int32_t c = 0; c < depth; c++) {
      const int32_t value = input[c] - zero_point;
      sum += value * value;
    }
    int32_t shift;
    const int32_t multiplier = fw_inverse_sqrt(sum, &shift);
    for (int32_t c = 0; c < depth; c++) {
      const int32_t scaled = fw_requantize(input[c] - zero_point, multiplier, shift + 7);
      output[c] = (int8_t)fw_clamp(scaled, INT8_MIN, INT8_MAX);
    }
    input += depth;
    output += depth;
  }
}
