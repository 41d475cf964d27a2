/* out = shrink(signal * gain(noise) / 2^shift). The gain is a piece of a quadratic function for
 * each power of two of the noise; shrink(x) is x^2 / 4 below 2, else x - 1, of 12 fractional bits,
 * its result of 6. 40 instructions per channel.
 */
#include "signal_pcan_u32.h"

static int16_t pcan_gain(uint32_t noise, const int16_t* gains) {
  if (noise <= 2) return gains[noise];
  const int32_t bits = 32 - __builtin_clz(noise);
  const int16_t* piece = gains + 4 * bits - 6;
  const uint32_t scaled = bits < 11 ? noise << (11 - bits) : noise >> (bits - 11);
  const int32_t part = (int32_t)(scaled & 0x3FFu);
  const int32_t slope = ((piece[2] * part) >> 5) + piece[1] * (1 << 5);
  return (int16_t)(((slope * part + (1 << 14)) >> 15) + piece[0]);
}

static uint32_t pcan_shrunk(uint32_t x) {
  return x < 2u << 12 ? (x * x) >> 20 : (x >> 6) - (1u << 6);
}

void fw_signal_pcan_u32(const uint32_t* input, const uint32_t* noise, const int16_t* gains,
                        uint32_t* output, int32_t count, int32_t shift) {
  for (int32_t i = 0; i < count; i++) {
    const uint32_t gain = (uint32_t)pcan_gain(noise[i], gains);
    output[i] = pcan_shrunk((uint32_t)(((uint64_t)input[i] * gain) >> shift));
  }
}
