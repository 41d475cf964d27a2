/* out = requantize((in1 - zp1) * (in2 - zp2)). */
#include "mul_s8_v7m.h"

static inline int32_t rescaled_product(const fw_mul_s8_v7m_params* p, int32_t first,
                                       int32_t second) {
  const int32_t product = (first - p->input1_zero_point) * (second - p->input2_zero_point);
  return fw_rescaled_value(p->rescaling, 4 * product);
}

void fw_mul_s8_v7m(const fw_mul_s8_v7m_params* p, const int8_t* input1, const int8_t* input2,
                   int8_t* output, int32_t count) {
  const fw_mul_s8_v7m_params by = *p;
  const int8_t* const whole = output + (count & ~3);
  for (; output != whole; output += 4, input1 += 4, input2 += 4) {
    const int32_t a = rescaled_product(&by, input1[0], input2[0]);
    const int32_t b = rescaled_product(&by, input1[1], input2[1]);
    output[0] = (int8_t)a;
    output[1] = (int8_t)b;
    const int32_t c = rescaled_product(&by, input1[2], input2[2]);
    const int32_t d = rescaled_product(&by, input1[3], input2[3]);
    output[2] = (int8_t)c;
    output[3] = (int8_t)d;
  }
  for (int32_t i = 0; i < (count & 3); i++)
    output[i] = (int8_t)rescaled_product(&by, input1[i], input2[i]);
}
