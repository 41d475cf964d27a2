/* Four elements at a time: SSUB8 compares, and SEL takes the lesser of each two. */
#include "minimum_s8_dsp.h"

void fw_minimum_s8_dsp(const int8_t* input1, const int8_t* input2, int8_t* output, int32_t count) {
  int32_t left = count;
  for (; left >= 4; left -= 4, input1 += 4, input2 += 4, output += 4) {
    uint32_t a, b, difference;
    __builtin_memcpy(&a, input1, sizeof a);
    __builtin_memcpy(&b, input2, sizeof b);
    __asm__(
        "ssub8 %[difference], %[b], %[a]\n"
        "sel %[a], %[a], %[b]\n"
        : [a] "+&r"(a), [difference] "=&r"(difference)
        : [b] "r"(b)
        : "cc");
    __builtin_memcpy(output, &a, sizeof a);
  }
  for (; left > 0; left--, input1++, input2++) {
    *output++ = *input1 < *input2 ? *input1 : *input2;
  }
}
