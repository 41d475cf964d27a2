/* out = floor(in1 / in2), the quotient of double precision, as TFLM has it; some 200 cycles on a
 * core without double precision. */
#include "floor_div_f32.h"

static inline float fw_whole_quotient(float a, float b) {
  const double quotient = (double)a / (double)b;
  if (!(quotient < 4503599627370496.0 && quotient > -4503599627370496.0)) return (float)quotient;
  const double whole = (double)(int64_t)quotient;
  if (whole == quotient) return (float)quotient; /* also a negative zero */
  return (float)(whole > quotient ? whole - 1.0 : whole);
}

void fw_floor_div_f32(const fw_pairs* p, const float* input1, const float* input2, float* output) {
#define FW_OF(a, b) fw_whole_quotient(a, b)
#include "pair_rows.h"
}
