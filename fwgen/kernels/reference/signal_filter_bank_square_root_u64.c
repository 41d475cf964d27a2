/* Roots bit by bit, rounded to the nearest, but not beyond 16 bits for numbers of 32, as in TFLM,
 * nor beyond 32. 32 rounds of 12 instructions per root.
 */
#include "signal_filter_bank_square_root_u64.h"

static uint32_t root_of(uint64_t number) {
  const uint64_t most = number >> 32 ? UINT32_MAX : UINT16_MAX;
  uint64_t root = 0, bit = UINT64_C(1) << (number >> 32 ? 62 : 30);
  for (; bit; bit >>= 2) {
    const uint64_t trial = root + bit;
    root >>= 1;
    if (number >= trial) {
      number -= trial;
      root += bit;
    }
  }
  return (uint32_t)(number > root && root != most ? root + 1 : root);
}

void fw_signal_filter_bank_square_root_u64(const uint64_t* input, const int32_t* bits,
                                           uint32_t* output, int32_t count) {
  for (int32_t i = 0; i < count; i++) output[i] = root_of(input[i]) >> (*bits & 31);
}
