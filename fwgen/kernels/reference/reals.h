/* Functions of float32 as IEEE 754 defines them, without a library. */
#ifndef FW_REALS_H
#define FW_REALS_H

#include <stdint.h>

/* The bits of a float, and a float of bits. */
static inline uint32_t fw_bits_of(float x) {
  union {
    float real;
    uint32_t bits;
  } both = {x};
  return both.bits;
}

static inline float fw_float_of(uint32_t bits) {
  union {
    uint32_t bits;
    float real;
  } both = {bits};
  return both.real;
}

static inline double fw_double_of(int64_t bits) {
  union {
    int64_t bits;
    double real;
  } both = {bits};
  return both.real;
}

static inline float fw_magnitude(float x) { return fw_float_of(fw_bits_of(x) & 0x7FFFFFFFu); }

static inline float fw_with_sign(float magnitude, float of) {
  return fw_float_of(fw_bits_of(magnitude) | (fw_bits_of(of) & 0x80000000u));
}

/* The greatest whole number that is not above x; numbers from 2^23 on are whole, as infinities. */
static inline float fw_floor(float x) {
  if (!(fw_magnitude(x) < 8388608.0f)) return x;
  const float whole = (float)(int32_t)x;
  return fw_with_sign(whole > x ? whole - 1.0f : whole, x);
}

/* The nearest whole number, of two the even one; 0, not -0, of what is rounded up to it. */
static inline float fw_nearest(float x) {
  if (!(fw_magnitude(x) < 8388608.0f)) return x;
  const float below = fw_floor(x), rest = x - below;
  const int odd = (int32_t)below & 1;
  return rest > 0.5f || (odd && rest >= 0.5f) ? below + 1.0f : below;
}

/* The square root, rounded to the nearest: bit by bit from the highest. A NaN of numbers below 0.
 */
static inline float fw_square_root(float x) {
  uint32_t bits = fw_bits_of(x);
  if (bits << 1 == 0 || bits == 0x7F800000u) return x; /* zeros, infinity */
  if (bits > 0x7F800000u) return fw_float_of(0x7FC00000u);
  int32_t exponent = (int32_t)(bits >> 23) - 127;
  uint32_t fraction = bits & 0x7FFFFFu;
  if (exponent == -127) { /* a subnormal number */
    for (exponent = -126; !(fraction & 0x800000u); fraction <<= 1) exponent--;
  }
  fraction |= 0x800000u;
  if (exponent & 1) fraction <<= 1;
  uint64_t rest = (uint64_t)fraction << 25; /* of a root with 24 bits and one for rounding */
  uint64_t root = 0;
  for (uint64_t bit = UINT64_C(1) << 48; bit; bit >>= 2) {
    if (rest >= root + bit) {
      rest -= root + bit;
      root = (root >> 1) + bit;
    } else {
      root >>= 1;
    }
  }
  const uint32_t rounded = (uint32_t)((root + 1) >> 1); /* never exactly between two */
  return fw_float_of((uint32_t)((exponent >> 1) + 126) * 0x800000u + rounded);
}

/* What is left of a divided by b, which is cut off, with the sign of a; a NaN if there is no such
 * number. Each subtraction is of a number that is at most twice as large, and so exact. */
static inline float fw_remainder(float a, float b) {
  const float divisor = fw_magnitude(b), infinity = fw_float_of(0x7F800000u);
  float rest = fw_magnitude(a);
  if (!(rest < infinity) || !(divisor > 0.0f)) return fw_float_of(0x7FC00000u);
  float part = divisor;
  while (part + part <= rest) part += part;
  for (; part >= divisor && divisor < infinity; part *= 0.5f) {
    if (rest >= part) rest -= part;
  }
  return fw_with_sign(rest, a);
}

/* The remainder with the sign of the divisor. */
static inline float fw_modulus(float a, float b) {
  const float rest = fw_remainder(a, b);
  return (rest > 0.0f && b < 0.0f) || (rest < 0.0f && b > 0.0f) ? rest + b : rest;
}

#endif
