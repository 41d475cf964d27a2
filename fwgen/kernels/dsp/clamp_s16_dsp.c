/* Two halfwords at a time, as clamp_s8_dsp.c has four bytes: SSUB16 compares, and SEL takes the
 * greater one, or the lesser one. 20 instructions for 8 values and one side.
 */
#include "clamp_s16_dsp.h"

/* clang-format off */
#define FW_RAISE_PAIR(word)                                      \
  "ssub16 %[difference], " word ", %[bound]\n"                   \
  "sel " word ", " word ", %[bound]\n"
#define FW_LOWER_PAIR(word)                                      \
  "ssub16 %[difference], %[bound], " word "\n"                   \
  "sel " word ", " word ", %[bound]\n"
#define FW_CLAMP_EIGHT(change)                                   \
  "ldr %[a], [%[values]]\n"                                      \
  "ldr %[b], [%[values], #4]\n"                                  \
  "ldr %[c], [%[values], #8]\n"                                  \
  "ldr %[d], [%[values], #12]\n"                                 \
  change("%[a]") change("%[b]") change("%[c]") change("%[d]")    \
  "str %[a], [%[values]], #4\n"                                  \
  "str %[b], [%[values]], #4\n"                                  \
  "str %[c], [%[values]], #4\n"                                  \
  "str %[d], [%[values]], #4\n"
/* clang-format on */

static void raise_halves(int16_t* values, int32_t least, int32_t count) {
  const uint32_t bound = (uint16_t)least * 0x00010001u;
  uint32_t difference, a, b, c, d;
  int32_t left = count;
  for (; left >= 8; left -= 8) {
    __asm__ volatile(FW_CLAMP_EIGHT(FW_RAISE_PAIR)
                     : [values] "+r"(values), [difference] "=&r"(difference), [a] "=&r"(a),
                       [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
                     : [bound] "r"(bound)
                     : "cc", "memory");
  }
  for (; left > 0; left--, values++) {
    if (*values < least) *values = (int16_t)least;
  }
}

static void lower_halves(int16_t* values, int32_t most, int32_t count) {
  const uint32_t bound = (uint16_t)most * 0x00010001u;
  uint32_t difference, a, b, c, d;
  int32_t left = count;
  for (; left >= 8; left -= 8) {
    __asm__ volatile(FW_CLAMP_EIGHT(FW_LOWER_PAIR)
                     : [values] "+r"(values), [difference] "=&r"(difference), [a] "=&r"(a),
                       [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
                     : [bound] "r"(bound)
                     : "cc", "memory");
  }
  for (; left > 0; left--, values++) {
    if (*values > most) *values = (int16_t)most;
  }
}

void fw_clamp_s16_dsp(int16_t* values, int32_t least, int32_t most, int32_t count) {
  if (least > INT16_MIN) raise_halves(values, least, count);
  if (most < INT16_MAX) lower_halves(values, most, count);
}
