/* The reciprocal of a root, by a table and two steps of Newton's method, makes a first root, and
 * the remainder of its square a better one, which is a few off. About 70 instructions per root on a
 * core with products of 64 bits. Roots are rounded to the nearest, but not beyond 16 bits for
 * numbers of 32, as in TFLM, nor beyond 32.
 */
#include "signal_filter_bank_square_root_u64.h"

/* 2^30 / sqrt(x / 16) at x = 4.5, 5.5 and so on, shifted to the right by 23. */
static const uint8_t reciprocals[12] = {241, 218, 201, 187, 176, 166, 158, 151, 145, 139, 134, 130};

static uint32_t high_of(uint32_t a, uint32_t b) { return (uint32_t)((uint64_t)a * b >> 32); }

/* The root of a number from 2^62 on, a few off. */
static uint32_t rough_root(uint64_t number) {
  const uint32_t x = (uint32_t)(number >> 32);
  uint32_t y = (uint32_t)reciprocals[(x >> 28) - 4] << 23; /* 2^30 / sqrt(x / 2^32) */
  for (int step = 0; step < 2; step++) {
    const uint32_t square = high_of(x, high_of(y, y)); /* near 2^28 */
    y = (uint32_t)((uint64_t)y * ((UINT32_C(3) << 28) - square) >> 29);
  }
  const uint64_t product = (uint64_t)x * y >> 30;
  const uint32_t root = product < UINT32_MAX ? (uint32_t)product : UINT32_MAX;
  const int64_t rest = (int64_t)(number - (uint64_t)root * root); /* below 2^51 */
  const int64_t better = root + ((rest >> 20) * y >> 43);
  return better < UINT32_MAX ? (uint32_t)better : UINT32_MAX;
}

static uint32_t root_of(uint64_t number) {
  if (number == 0) return 0;
  const uint32_t high = (uint32_t)(number >> 32), low = (uint32_t)number;
  const int zeros = (high ? __builtin_clz(high) : 32 + __builtin_clz(low)) & ~1;
  uint32_t root = rough_root(number << zeros) >> (zeros / 2);
  while ((uint64_t)root * root > number) root--;
  uint64_t rest = number - (uint64_t)root * root;
  while (rest > 2 * (uint64_t)root) {
    rest -= 2 * (uint64_t)root + 1;
    root++;
  }
  const uint32_t most = high ? UINT32_MAX : UINT16_MAX;
  return rest > root && root != most ? root + 1 : root;
}

void fw_signal_filter_bank_square_root_u64(const uint64_t* input, const int32_t* bits,
                                           uint32_t* output, int32_t count) {
  for (int32_t i = 0; i < count; i++) output[i] = root_of(input[i]) >> (*bits & 31);
}
