/* out = clamp(floor((in1 * weight1 + in2 * weight2 + offset) / 2^21)): not the three
 * requantizations of the reference, but what the build has compared with it for all 65,536 pairs of
 * inputs. No sum leaves 32 bits, which the build has proven as well. SSAT shifts and clamps. For an
 * element: 2 loads, 2 MLA, SSAT and a store.
 */
#include "sum_s8_v7m.h"

static inline int32_t weighted_sum(const fw_sum_s8_v7m_params* p, int32_t first, int32_t second) {
  int32_t sum = p->offset + p->weight1 * first + p->weight2 * second;
  __asm__("ssat %0, #8, %0, asr #21\n" : "+r"(sum) : : "cc");
  return sum;
}

void fw_sum_s8_v7m(const fw_sum_s8_v7m_params* p, const int8_t* input1, const int8_t* input2,
                   int8_t* output, int32_t count) {
  const fw_sum_s8_v7m_params by = *p;
  const int8_t* const whole = output + (count & ~3);
  for (; output != whole; output += 4, input1 += 4, input2 += 4) {
    const int32_t a = weighted_sum(&by, input1[0], input2[0]);
    const int32_t b = weighted_sum(&by, input1[1], input2[1]);
    const int32_t c = weighted_sum(&by, input1[2], input2[2]);
    const int32_t d = weighted_sum(&by, input1[3], input2[3]);
    output[0] = (int8_t)a;
    output[1] = (int8_t)b;
    output[2] = (int8_t)c;
    output[3] = (int8_t)d;
  }
  for (int32_t i = 0; i < (count & 3); i++) {
    output[i] = (int8_t)weighted_sum(&by, input1[i], input2[i]);
  }
}
