/* log2(x) = the place of the highest bit, and of the rest f the sum of f and the curve above it,
 * which is interpolated; ln(x) = log2(x) * ln(2). Units of 2^-16. 40 instructions per channel.
 */
#include "signal_filter_bank_log_u32.h"

static uint32_t log_of(const uint16_t* curve, uint32_t x) {
  const uint32_t whole = 31u - (uint32_t)__builtin_clz(x);
  const uint32_t rest = x - (UINT32_C(1) << whole);
  const uint32_t part = whole < 16 ? rest << (16 - whole) : rest >> (whole - 16);
  const uint16_t* at = curve + (part >> 9);
  const int32_t rise = ((at[1] - at[0]) * (int32_t)(part & 511u)) >> 16;
  const uint32_t log2 = (whole << 16) + part + at[0] + (uint32_t)rise;
  return (uint32_t)((UINT64_C(45426) * log2 + (1u << 15)) >> 16);
}

void fw_signal_filter_bank_log_u32(const uint16_t* curve, const uint32_t* input, int16_t* output,
                                   int32_t count, int32_t scale, int32_t bits) {
  for (int32_t i = 0; i < count; i++) {
    const uint32_t x = input[i] << bits;
    const uint32_t log = x > 1 ? ((uint32_t)scale * log_of(curve, x) + (1u << 15)) >> 16 : 0;
    output[i] = (int16_t)(log < INT16_MAX ? log : INT16_MAX);
  }
}
