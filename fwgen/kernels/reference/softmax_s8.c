/* out[r,c] = 256 * exp(in[r,c] - max) / sum exp(in[r,:] - max) - 128, in fixed point as TFLM's
 * reference kernel does it: exponentials in units of 2^-31, their sum in units of 2^-19, its
 * reciprocal by three Newton-Raphson steps. Two passes over a row after the one for its maximum.
 */
#include "softmax_s8.h"

#include "softmax.h"

/* One row: its maximum, the sum of its exponentials, and their shares in the sum. */
static void softmax_row(const fw_softmax_s8_params* p, const int32_t* exponentials,
                        const int8_t* input, int8_t* output) {
  int32_t max = INT8_MIN;
  for (int32_t c = 0; c < p->depth; c++) {
    if (input[c] > max) max = input[c];
  }
  uint32_t sum = 0;
  for (int32_t c = 0; c < p->depth; c++) {
    const int32_t d = max - input[c];
    if (d < p->entries) sum += (uint32_t)fw_rounding_shift_right(exponentials[d], 12);
  }
  const fw_softmax_divisor by = fw_softmax_divisor_of(sum);
  for (int32_t c = 0; c < p->depth; c++) {
    const int32_t d = max - input[c];
    int32_t share = 0;
    /* a sum of 512 or more leaves nothing in units of 1/256; there the reference gives up */
    if (d < p->entries && by.shift <= 31) {
      share =
          fw_rounding_shift_right(fw_doubling_high_multiply(by.factor, exponentials[d]), by.shift);
    }
    output[c] = (int8_t)fw_clamp(share - 128, INT8_MIN, INT8_MAX);
  }
}

void fw_softmax_s8(const fw_softmax_s8_params* p, const int32_t* exponentials, const int8_t* input,
                   int8_t* output) {
  for (int32_t r = 0; r < p->rows; r++) {
    softmax_row(p, exponentials, input + r * p->depth, output + r * p->depth);
  }
}
