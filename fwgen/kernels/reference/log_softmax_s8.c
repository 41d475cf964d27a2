/* out[r,c] = 127 + 16 * (in[r,c] - max - ln(sum exp(in[r,:] - max))), in fixed point as TFLM's
 * reference kernel does it. Two passes over a row after the one for its maximum; about 40
 * instructions per element, 400 per row.
 */
#include "log_softmax_s8.h"

#include "log_of_sum.h"
#include "requantize.h"

static void log_softmax_row(const fw_log_softmax_s8_params* p, const int32_t* exponentials,
                            const int8_t* input, int8_t* output) {
  int32_t max = INT8_MIN;
  for (int32_t c = 0; c < p->depth; c++) {
    if (input[c] > max) max = input[c];
  }
  int32_t sum = 0; /* in units of 2^-19 */
  for (int32_t c = 0; c < p->depth; c++) {
    const int32_t d = max - input[c];
    if (d < p->entries) sum += fw_rounding_shift_right(exponentials[d], 12);
  }
  const int32_t log = fw_log_of_sum(sum);
  /* differences from here on leave 32 bits once the logarithm is taken away */
  const int32_t reach = fw_requantize(log + INT32_MIN, p->reverse_multiplier, p->reverse_shift);
  const int32_t least = reach > -p->radius - 1 ? reach : -p->radius - 1;
  for (int32_t c = 0; c < p->depth; c++) {
    const int32_t d = input[c] - max;
    int32_t value = INT8_MIN;
    if (d > least) {
      const int32_t scaled = fw_requantize(d, p->multiplier, p->shift);
      const int32_t exact = (int32_t)((uint32_t)scaled - (uint32_t)log);
      value = fw_clamp(fw_rounding_shift_right(exact, 22) + INT8_MAX, INT8_MIN, INT8_MAX);
    }
    output[c] = (int8_t)value;
  }
}

void fw_log_softmax_s8(const fw_log_softmax_s8_params* p, const int32_t* exponentials,
                       const int8_t* input, int8_t* output) {
  for (int32_t r = 0; r < p->rows; r++) {
    log_softmax_row(p, exponentials, input + r * p->depth, output + r * p->depth);
  }
}
