/* Products of inputs and weights, and what becomes of their sums, for the element type that the
 * includer defines: FW_PRODUCTS_S8, FW_PRODUCTS_S16 (sums of 64 bits, rounded once),
 * FW_PRODUCTS_S16_S32 (sums of 32 bits) or FW_PRODUCTS_F32. Zero points of int16 are 0.
 */
#ifndef FW_PRODUCTS_H
#define FW_PRODUCTS_H

#include <stdint.h>

#ifdef FW_PRODUCTS_F32

#include "clamp_float.h"

typedef float fw_element;
typedef float fw_weight;
typedef float fw_sum;

/* What makes an output of a sum: the least and the greatest output. */
typedef struct {
  const float* bounds;
} fw_scaling;

static inline fw_sum fw_product(fw_element input, int32_t zero_point, fw_weight weight) {
  (void)zero_point;
  return input * weight;
}

static inline fw_sum fw_with_bias(fw_sum sum, fw_sum bias) { return sum + bias; }

static inline fw_element fw_output_of(fw_sum sum, fw_scaling scaling, int32_t channel,
                                      int32_t zero_point, int32_t low, int32_t high) {
  (void)channel;
  (void)zero_point;
  (void)low;
  (void)high;
  return fw_clamp_float(sum, scaling.bounds);
}

#else

#include "requantize.h"
#include "requantize_wide.h"

typedef int8_t fw_weight;

/* What makes an output of a sum, by channel. */
typedef struct {
  const int32_t* multiplier;
  const int32_t* shift;
} fw_scaling;

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
static inline fw_element fw_output_of(fw_sum sum, fw_scaling scaling, int32_t channel,
                                      int32_t zero_point, int32_t low, int32_t high) {
  const int32_t multiplier = scaling.multiplier[channel], shift = scaling.shift[channel];
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

#endif
