/* Sigmoid and hyperbolic tangent of int16, interpolated in one table of 256 entries as TFLM's
 * reference kernels do it. The Python twin is fwgen/model/sigmoid_table.py.
 */
#ifndef FW_SIGMOID_S16_H
#define FW_SIGMOID_S16_H

#include <stdint.h>

/* An int16 x as x * multiplier / 2^right, halves up: in units of 2^-12 / 3, which the functions
 * below take. The product must fit 32 bits; right 0 to 31. */
static inline int32_t fw_sigmoid_scaled(int32_t x, int32_t multiplier, int32_t right) {
  const int32_t rounding = (int32_t)((UINT32_C(1) << right) >> 1);
  return (x * multiplier + rounding) >> right;
}

/* The table at |x| in units of 2^-bits entries, with as many fractional bits. |x| must be below
 * entry 255. */
static inline int32_t fw_sigmoid_between(const uint16_t* table, uint32_t x, uint32_t bits) {
  const uint16_t* at = table + (x >> bits);
  const int32_t part = (int32_t)(x & ((UINT32_C(1) << bits) - 1u));
  return ((int32_t)at[0] << bits) + part * (at[1] - at[0]);
}

/* 1 / (1 + exp(-x)) in units of 2^-15: 0 to 32767. */
static inline int16_t fw_logistic_of(const uint16_t* table, int32_t x) {
  const uint32_t magnitude = x < 0 ? 0u - (uint32_t)x : (uint32_t)x;
  const int32_t positive =
      magnitude >= UINT32_C(255) << 9 ? 0x7FFF << 10 : fw_sigmoid_between(table, magnitude, 9);
  return (int16_t)((x < 0 ? (1 << 25) - positive + 511 : positive + 512) >> 10);
}

/* tanh(x) in units of 2^-15: -32767 to 32767. */
static inline int16_t fw_tanh_of(const uint16_t* table, int32_t x) {
  const uint32_t magnitude = x < 0 ? 0u - (uint32_t)x : (uint32_t)x;
  const int32_t above =
      (magnitude >= UINT32_C(255) << 8 ? 0xFFFF << 8 : fw_sigmoid_between(table, magnitude, 8)) -
      (1 << 23);
  return (int16_t)((x < 0 ? 127 - above : above + 128) >> 8);
}

#endif
