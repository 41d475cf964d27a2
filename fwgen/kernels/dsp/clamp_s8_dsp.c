/* Four bytes at a time: SSUB8 compares, and SEL takes the greater one, or the lesser one. 20
 * instructions for 16 bytes and one side; an activation seldom has both.
 */
#include "clamp_s8_dsp.h"

/* clang-format off */
#define LOAD(word, offset) "ldr " word ", [%[values], #" offset "]\n"
#define STORE(word) "str " word ", [%[values]], #4\n"
#define RAISE(word)                              \
  "ssub8 %[difference], " word ", %[bound]\n"    \
  "sel " word ", " word ", %[bound]\n"
#define LOWER(word)                              \
  "ssub8 %[difference], %[bound], " word "\n"    \
  "sel " word ", " word ", %[bound]\n"
#define FOUR(change)                                                                           \
  LOAD("%[a]", "0") LOAD("%[b]", "4") LOAD("%[c]", "8") LOAD("%[d]", "12")                     \
  change("%[a]") change("%[b]") change("%[c]") change("%[d]")                                  \
  STORE("%[a]") STORE("%[b]") STORE("%[c]") STORE("%[d]")
/* clang-format on */

static void raise_to(int8_t* values, int32_t least, int32_t count) {
  const uint32_t bound = (uint8_t)least * 0x01010101u;
  uint32_t difference, a, b, c, d;
  int32_t left = count;
  for (; left >= 16; left -= 16) {
    __asm__ volatile(FOUR(RAISE)
                     : [values] "+r"(values), [difference] "=&r"(difference), [a] "=&r"(a),
                       [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
                     : [bound] "r"(bound)
                     : "cc", "memory");
  }
  for (; left > 0; left--, values++) {
    if (*values < least) *values = (int8_t)least;
  }
}

static void lower_to(int8_t* values, int32_t most, int32_t count) {
  const uint32_t bound = (uint8_t)most * 0x01010101u;
  uint32_t difference, a, b, c, d;
  int32_t left = count;
  for (; left >= 16; left -= 16) {
    __asm__ volatile(FOUR(LOWER)
                     : [values] "+r"(values), [difference] "=&r"(difference), [a] "=&r"(a),
                       [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
                     : [bound] "r"(bound)
                     : "cc", "memory");
  }
  for (; left > 0; left--, values++) {
    if (*values > most) *values = (int8_t)most;
  }
}

void fw_clamp_s8_dsp(int8_t* values, int32_t least, int32_t most, int32_t count) {
  if (least > INT8_MIN) raise_to(values, least, count);
  if (most < INT8_MAX) lower_to(values, most, count);
}
