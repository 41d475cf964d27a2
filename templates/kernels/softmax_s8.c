/* out[r,c] = 256 * exp(in[r,c] - max) / sum exp(in[r,:] - max) - 128, in fixed point as TFLM's
 * reference kernel does it: exponentials in units of 2^-31, their sum in units of 2^-19, its
 * reciprocal by three Newton-Raphson steps. Two passes over a row after the one for its maximum.
 */
#include "softmax_s8.h"

#include "requantize.h"

/* a * 2^exponent, saturated to 32 bits. */
static int32_t saturating_shift_left(int32_t a, int32_t exponent) {
  const int32_t most = INT32_MAX >> exponent;
  return a > most ? INT32_MAX : a < -most ? INT32_MIN : a * (1 << exponent);
}

/* 1 / (1 + a) for a in [0, 1], both in units of 2^-31. In between: h = (1 + a) / 2 in those units,
 * x = 1 / h in units of 2^-29. The start is the line 48/17 - 32/17 * h. */
static int32_t reciprocal_of_one_plus(int32_t a) {
  const int32_t h = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
  int32_t x = 1515870810 + fw_doubling_high_multiply(h, -1010580540);
  for (int step = 0; step < 3; step++) {
    const int32_t error = (1 << 29) - fw_doubling_high_multiply(h, x);
    x += saturating_shift_left(fw_doubling_high_multiply(x, error), 2);
  }
  return saturating_shift_left(x, 1);
}

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
  /* sum = (1 + fraction) * 2^(31 - headroom) units of 2^-19; it is at least 1.0, that of the
   * maximum */
  int32_t headroom = 0;
  while (sum >> 31 == 0) {
    sum <<= 1;
    headroom++;
  }
  const int32_t reciprocal = reciprocal_of_one_plus((int32_t)(sum - (UINT32_C(1) << 31)));
  const int32_t exponent = 12 + 31 - 8 - headroom;
  for (int32_t c = 0; c < p->depth; c++) {
    const int32_t d = max - input[c];
    int32_t share = 0;
    /* a sum of 512 or more leaves nothing in units of 1/256; there the reference gives up */
    if (d < p->entries && exponent <= 31) {
      share =
          fw_rounding_shift_right(fw_doubling_high_multiply(reciprocal, exponentials[d]), exponent);
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
