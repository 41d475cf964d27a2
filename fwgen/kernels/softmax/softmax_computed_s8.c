/* As softmax_s8.c, the exponentials computed as TFLM's reference does (gemmlowp's
 * exp_on_negative_values): a = q - r with q in [-1/4, 0) and r a multiple of 1/4; a polynomial
 * around -1/8 gives exp(q), and bit k of r, worth 2^k, a factor exp(-2^k). Slower than the table,
 * and smaller than most tables.
 */
#include "softmax_computed_s8.h"

#include "softmax.h"

enum { QUARTER = 1 << 24, BITS = 7 };

/* exp(-2^k) in units of 2^-31 for k = -2 to 4 */
static const int32_t factors[BITS] = {1672461947, 1302514674, 790015084, 290630308,
                                      39332535,   720401,     242};

static __attribute__((noinline)) int32_t times(int32_t a, int32_t b) {
  return fw_doubling_high_multiply(a, b);
}

/* exp of -d times the scale, d >= 0, in units of 2^-31. */
static __attribute__((noinline)) int32_t exponential(const fw_softmax_computed_s8_params* p,
                                                     int32_t d) {
  const int32_t centre = 1895147668, third = 715827883; /* exp(-1/8), 1/3 */
  if (d > p->radius) return 0;
  /* below 2^31, as d is within the radius; the shift may be 31, if d is 0 */
  const int32_t a = times(-(int32_t)((uint32_t)d << p->shift), p->multiplier);
  if (a == 0) return INT32_MAX;
  const int32_t q = (a & (QUARTER - 1)) - QUARTER, r = q - a;
  const int32_t x = q * 32 + (1 << 28), x2 = times(x, x);
  const int32_t cubes = fw_rounding_shift_right(times(x2, x2), 2) + times(x2, x);
  const int32_t series = x + fw_rounding_shift_right(times(cubes, third) + x2, 1);
  int32_t result = centre + times(series, centre);
  for (int32_t k = 0; k < BITS; k++) {
    if (r & (QUARTER << k)) result = times(result, factors[k]);
  }
  return result;
}

static void softmax_computed_row(const fw_softmax_computed_s8_params* p, const int8_t* input,
                                 int8_t* output) {
  int32_t max = INT8_MIN;
  for (int32_t c = 0; c < p->depth; c++) {
    if (input[c] > max) max = input[c];
  }
  uint32_t sum = 0;
  for (int32_t c = 0; c < p->depth; c++) {
    sum += (uint32_t)fw_rounding_shift_right(exponential(p, max - input[c]), 12);
  }
  const fw_softmax_divisor by = fw_softmax_divisor_of(sum);
  for (int32_t c = 0; c < p->depth; c++) {
    int32_t share = 0;
    /* a sum of 512 or more leaves nothing in units of 1/256; there the reference gives up */
    if (by.shift <= 31) {
      share = times(by.factor, exponential(p, max - input[c]));
      share = fw_rounding_shift_right(share, by.shift);
    }
    output[c] = (int8_t)(share > 255 ? INT8_MAX : share - 128);
  }
}

void fw_softmax_computed_s8(const fw_softmax_computed_s8_params* p, const int8_t* input,
                            int8_t* output) {
  for (int32_t r = 0; r < p->rows; r++, input += p->depth, output += p->depth) {
    softmax_computed_row(p, input, output);
  }
}
