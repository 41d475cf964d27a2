/* Inputs are widened: of 4 bytes x3 x2 x1 x0 the words X and Y of dsp_matrix.h. */
#ifndef FW_DSP_WIDEN_H
#define FW_DSP_WIDEN_H

#include <stdint.h>

#include "dsp_required.h"

/* Where words go: Y is `y` words after X, and the next 4 inputs are `step` words on. */
typedef struct {
  int32_t y, step;
} fw_widened;

static inline void fw_widen(uint32_t inputs, fw_widened to, uint32_t* at) {
  uint32_t x, y;
  __asm__(
      "sxtb16 %[x], %[inputs], ror #8\n"
      "and %[y], %[mask], %[inputs], lsl #8\n"
      "ssub16 %[y], %[y], %[x]\n"
      "sadd16 %[y], %[y], %[offset]\n"
      : [x] "=&r"(x), [y] "=&r"(y)
      : [inputs] "r"(inputs), [mask] "r"(0xFF00FF00u), [offset] "r"(0x007F007Fu)
      : "cc");
  at[0] = x;
  at[to.y] = y;
}

/* `bytes` inputs, a multiple of 4 of them; returns where the next ones go. */
static inline uint32_t* fw_widen_words(const int8_t* from, int32_t bytes, fw_widened to,
                                       uint32_t* at) {
  for (const int8_t* const end = from + bytes; from != end; from += 4, at += to.step) {
    uint32_t inputs;
    __builtin_memcpy(&inputs, from, sizeof inputs);
    fw_widen(inputs, to, at);
  }
  return at;
}

/* `bytes` inputs, and zeros up to a multiple of 4; returns where the next ones go. */
static inline uint32_t* fw_widen_bytes(const int8_t* from, int32_t bytes, fw_widened to,
                                       uint32_t* at) {
  const int32_t whole = bytes & ~3;
  at = fw_widen_words(from, whole, to, at);
  from += whole;
  bytes -= whole;
  if (bytes > 0) {
    uint32_t inputs = (uint8_t)from[0];
    if (bytes > 1) inputs |= (uint32_t)(uint8_t)from[1] << 8;
    if (bytes > 2) inputs |= (uint32_t)(uint8_t)from[2] << 16;
    fw_widen(inputs, to, at);
    at += to.step;
  }
  return at;
}

/* `bytes` inputs of one value, a multiple of 4. */
static inline uint32_t* fw_widen_value(int32_t value, int32_t bytes, fw_widened to, uint32_t* at) {
  for (; bytes > 0; bytes -= 4, at += to.step) {
    fw_widen((uint8_t)value * 0x01010101u, to, at);
  }
  return at;
}

#endif
