/* out[r,c] = exp(beta * (in[r,c] - max)) / sum of these, added up in their order, as TFLM's
 * reference kernel does it. Two passes over a row after the one for its maximum: an exponential, an
 * addition and a division per element.
 */
#include "softmax_f32.h"

#include "float_exp.h"
#include "row_max_f32.h"

void fw_softmax_f32(const fw_softmax_f32_params* p, const int64_t* powers, const float* beta,
                    const float* input, float* output) {
  for (int32_t r = 0; r < p->rows; r++) {
    const float max = fw_row_max_f32(input, p->depth);
    float sum = 0.0f;
    for (int32_t c = 0; c < p->depth; c++) {
      output[c] = fw_float_exp(powers, (input[c] - max) * *beta);
      sum += output[c];
    }
    for (int32_t c = 0; c < p->depth; c++) output[c] = output[c] / sum;
    input += p->depth;
    output += p->depth;
  }
}
