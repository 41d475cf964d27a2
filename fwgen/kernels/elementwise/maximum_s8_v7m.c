/* Four elements in a turn of the loop. */
#include "maximum_s8_v7m.h"

static inline int32_t greater_value(int32_t first, int32_t second) {
  return first > second ? first : second;
}

void fw_maximum_s8_v7m(const int8_t* input1, const int8_t* input2, int8_t* output, int32_t count) {
  const int8_t* const whole = output + (count & ~3);
  for (; output != whole; output += 4, input1 += 4, input2 += 4) {
    const int32_t a = greater_value(input1[0], input2[0]);
    const int32_t b = greater_value(input1[1], input2[1]);
    output[0] = (int8_t)a;
    output[1] = (int8_t)b;
    const int32_t c = greater_value(input1[2], input2[2]);
    const int32_t d = greater_value(input1[3], input2[3]);
    output[2] = (int8_t)c;
    output[3] = (int8_t)d;
  }
  for (int32_t i = 0; i < (count & 3); i++) output[i] = (int8_t)greater_value(input1[i], input2[i]);
}
