/* out[r,c] = in[r,c] - max - log(sum of exp(in[r,:] - max)), added up in their order, as TFLM's
 * reference kernel does it. Two passes over a row after the one for its maximum: an exponential and
 * three additions per element, a logarithm per row.
 */
#include "log_softmax_f32.h"

#include "float_exp.h"
#include "float_log.h"
#include "row_max_f32.h"

void fw_log_softmax_f32(const fw_log_softmax_f32_params* p, const int64_t* powers,
                        const int64_t* logs, const float* input, float* output) {
  for (int32_t r = 0; r < p->rows; r++) {
    const float max = fw_row_max_f32(input, p->depth);
    float sum = 0.0f;
    for (int32_t c = 0; c < p->depth; c++) sum += fw_float_exp(powers, input[c] - max);
    const float log = fw_float_log(logs, sum);
    for (int32_t c = 0; c < p->depth; c++) output[c] = input[c] - max - log;
    input += p->depth;
    output += p->depth;
  }
}
