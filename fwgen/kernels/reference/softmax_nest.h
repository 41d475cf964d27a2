/* Softmax of rows of int8 logits as TFLM's reference kernel does it in fixed point: exponentials in
 * units of 2^-31, their sum in units of 2^-19, its reciprocal by three Newton-Raphson steps. Two
 * passes over a row after the one for its maximum. The includer defines the type FW_OUTPUT, its
 * limits FW_LOW and FW_HIGH, FW_FINER, the bits by which it is finer than 1/256, and the names
 * FW_ROW and FW_NEST of the functions.
 */
#include "requantize.h"
#include "softmax.h"
#include "softmax_params.h"

/* One row: its maximum, the sum of its exponentials, and their shares in the sum. */
static void FW_ROW(const fw_softmax_params* p, const int32_t* exponentials, const int8_t* input,
                   FW_OUTPUT* output) {
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
  const int32_t right = by.shift - FW_FINER;
  for (int32_t c = 0; c < p->depth; c++) {
    const int32_t d = max - input[c];
    int32_t share = 0;
    /* a sum of 512 or more leaves nothing in units of 1/256; there the reference gives up */
    if (d < p->entries && right <= 31) {
      share = fw_rounding_shift_right(fw_doubling_high_multiply(by.factor, exponentials[d]), right);
    }
    output[c] = (FW_OUTPUT)fw_clamp(share + FW_LOW, FW_LOW, FW_HIGH);
  }
}

static inline void FW_NEST(const fw_softmax_params* p, const int32_t* exponentials,
                           const int8_t* input, FW_OUTPUT* output) {
  for (int32_t r = 0; r < p->rows; r++) {
    FW_ROW(p, exponentials, input + r * p->depth, output + r * p->depth);
  }
}

#undef FW_OUTPUT
#undef FW_LOW
#undef FW_HIGH
#undef FW_FINER
#undef FW_ROW
#undef FW_NEST
