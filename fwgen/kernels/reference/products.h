/* Products of inputs and weights, and what becomes of their sums, for each element type. Zero
 * points of int16 are 0.
 */
#ifndef FW_PRODUCTS_H
#define FW_PRODUCTS_H

#include <stdint.h>

#include "clamp_float.h"
#include "requantize.h"
#include "requantize_wide.h"

/* What makes an output of a sum, by channel. */
typedef struct {
  const int32_t* multiplier;
  const int32_t* shift;
} fw_scaling;

/* The least and the greatest output. */
typedef struct {
  const float* bounds;
} fw_bounds;

static inline int32_t fw_product_s8(int8_t input, int32_t zero_point, int8_t weight) {
  return (input - zero_point) * weight;
}

static inline int32_t fw_product_s16(int16_t input, int32_t zero_point, int8_t weight) {
  (void)zero_point;
  return input * weight;
}

static inline float fw_product_f32(float input, int32_t zero_point, float weight) {
  (void)zero_point;
  return input * weight;
}

/* A bias that is no constant may make the sum wrap, as in the reference. */
static inline int32_t fw_with_bias_s32(int32_t sum, int32_t bias) {
  return (int32_t)((uint32_t)sum + (uint32_t)bias);
}

static inline int64_t fw_with_bias_s64(int64_t sum, int64_t bias) {
  return (int64_t)((uint64_t)sum + (uint64_t)bias);
}

static inline float fw_with_bias_f32(float sum, float bias) { return sum + bias; }

/* The output of a sum of 32 bits: rescaled, with the zero point, and clamped. */
static inline int8_t fw_output_s8(int32_t sum, fw_scaling by, int32_t channel, int32_t zero_point,
                                  int32_t low, int32_t high) {
  return fw_add_zero_point(fw_requantize(sum, by.multiplier[channel], by.shift[channel]),
                           zero_point, low, high);
}

/* That of a sum of 64 bits, rounded once. */
static inline int16_t fw_output_s16(int64_t sum, fw_scaling by, int32_t channel, int32_t zero_point,
                                    int32_t low, int32_t high) {
  (void)zero_point;
  return (int16_t)fw_clamp(fw_requantize_wide(sum, by.multiplier[channel], by.shift[channel]), low,
                           high);
}

static inline int16_t fw_output_s16_s32(int32_t sum, fw_scaling by, int32_t channel,
                                        int32_t zero_point, int32_t low, int32_t high) {
  (void)zero_point;
  return (int16_t)fw_clamp(fw_requantize(sum, by.multiplier[channel], by.shift[channel]), low,
                           high);
}

static inline float fw_output_f32(float sum, fw_bounds by, int32_t channel, int32_t zero_point,
                                  int32_t low, int32_t high) {
  (void)channel;
  (void)zero_point;
  (void)low;
  (void)high;
  return fw_clamp_float(sum, by.bounds);
}

#endif
