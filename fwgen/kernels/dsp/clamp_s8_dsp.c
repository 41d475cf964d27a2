/* Four bytes at a time: SSUB8 compares, and SEL takes the greater one, or the lesser one. */
#include "clamp_s8_dsp.h"

void fw_clamp_s8_dsp(int8_t* values, int32_t least, int32_t most, int32_t count) {
  const uint32_t low = (uint8_t)least * 0x01010101u, high = (uint8_t)most * 0x01010101u;
  int32_t left = count;

  for (; left >= 4; left -= 4, values += 4) {
    uint32_t word, difference;
    __builtin_memcpy(&word, values, sizeof word);
    __asm__(
        "ssub8 %[difference], %[word], %[low]\n"
        "sel %[word], %[word], %[low]\n"
        "ssub8 %[difference], %[high], %[word]\n"
        "sel %[word], %[word], %[high]\n"
        : [word] "+&r"(word), [difference] "=&r"(difference)
        : [low] "r"(low), [high] "r"(high)
        : "cc");
    __builtin_memcpy(values, &word, sizeof word);
  }
  for (; left > 0; left--, values++) {
    if (*values < least) *values = (int8_t)least;
    if (*values > most) *values = (int8_t)most;
  }
}
