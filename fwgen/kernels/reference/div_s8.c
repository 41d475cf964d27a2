/* out = clamp(zp_out + requantize((in1 - zp1) / (in2 - zp2))): a reciprocal by three Newton-Raphson
 * steps and two requantizations per output, some 100 instructions. A divisor of 0 has the
 * reciprocal to which these steps lead in TFLM, where they leave 32 bits.
 */
#include "div_s8.h"

#include "softmax.h"

static inline int32_t fw_scaled_quotient(const fw_mul_params* p, int32_t a, int32_t b) {
  const int32_t sign = b < p->input2_zero_point ? -1 : 1;
  const int32_t dividend = sign * (a - p->input1_zero_point);
  const int32_t divisor = sign * (b - p->input2_zero_point);
  if (dividend == 0) return 0;
  int32_t zeros = 32, reciprocal = -1515870788;
  if (divisor > 0) { /* that of the divisor without its leading one, in units of 2^-31 */
    zeros = __builtin_clz((uint32_t)divisor);
    const uint32_t fraction = ((uint32_t)divisor << zeros) - (UINT32_C(1) << 31);
    reciprocal = fw_reciprocal_of_one_plus((int32_t)fraction);
  }
  /* as many bits as the dividend can be shifted to the left: those like its sign, but for one */
  const uint32_t unlike = (uint32_t)(dividend ^ (dividend >> 31));
  const int32_t headroom = __builtin_clz(unlike << 1 | 1u);
  const int32_t shifted = (int32_t)((uint32_t)dividend << headroom);
  const int32_t quotient = fw_doubling_high_multiply(shifted, reciprocal);
  return fw_rounding_shift_right(fw_doubling_high_multiply(quotient, p->output_multiplier),
                                 31 - zeros + headroom - p->output_shift);
}

static inline int32_t fw_clamped_quotient(const fw_mul_params* p, int32_t a, int32_t b) {
  const int32_t zero_point = p->output_zero_point;
  return fw_clamp(fw_scaled_quotient(p, a, b), p->activation_min - zero_point,
                  p->activation_max - zero_point) +
         zero_point;
}

void fw_div_s8(const fw_mul_params* p, const int8_t* input1, const int8_t* input2, int8_t* output) {
#define FW_OF(a, b) ((int8_t)fw_clamped_quotient(p, a, b))
#include "pair_rows.h"
}
