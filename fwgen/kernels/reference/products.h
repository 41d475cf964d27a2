/* Products of inputs and weights, and what becomes of their sums, for the element type that the
 * includer defines: FW_PRODUCTS_S8, FW_PRODUCTS_S16 (sums of 64 bits, rounded once) or
 * FW_PRODUCTS_S16_S32 (sums of 32 bits). Zero points of int16 are 0.
 */
#ifndef FW_PRODUCTS_H
#define FW_PRODUCTS_H

#include <stdint.h>

#include "requantize.h"
#include "requantize_wide.h"

typedef int8_t fw_weight;

#ifdef FW_PRODUCTS_S8

typedef int8_t fw_element;
typedef int32_t fw_sum;

static inline fw_sum fw_product(fw_element input, int32_t zero_point, fw_weight weight) {
  return (input - zero_point) * weight;
}

#else

typedef int16_t fw_element;

static inline int32_t fw_product(fw_element input, int32_t zero_point, fw_weight weight) {
  (void)zero_point;
  return input * weight;
}

#ifdef FW_PRODUCTS_S16
typedef int64_t fw_sum;
#else
typedef int32_t fw_sum;
#endif

#endif

/* A bias that is no constant may make the sum wrap, as in the reference. */
static inline fw_sum fw_with_bias(fw_sum sum, fw_sum bias) {
  return (fw_sum)((uint64_t)sum + (uint64_t)bias);
}

/* The output of a sum: rescaled, with the zero point, and clamped. */
static inline fw_element fw_output_of(fw_sum sum, int32_t multiplier, int32_t shift,
                                      int32_t zero_point, int32_t low, int32_t high) {
#ifdef FW_PRODUCTS_S8
  return fw_add_zero_point(fw_requantize(sum, multiplier, shift), zero_point, low, high);
#else
  (void)zero_point;
#ifdef FW_PRODUCTS_S16
  return (int16_t)fw_clamp(fw_requantize_wide(sum, multiplier, shift), low, high);
#else
  return (int16_t)fw_clamp(fw_requantize(sum, multiplier, shift), low, high);
#endif
#endif
}

#endif
