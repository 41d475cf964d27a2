/* The float sine and cosine that TFLM is compared with, in double precision, without a library:
 * some 40 instructions with an FPU for doubles, 900 without. The Python twin, which has the table
 * and says where the arithmetic is from, is fwgen/model/float_circle.py.
 */
#ifndef FW_FLOAT_CIRCLE_H
#define FW_FLOAT_CIRCLE_H

#include <stdint.h>

#include "reals.h"

/* An angle from -pi/4 to pi/4, and the quarters of circles that are missing. */
typedef struct {
  double rest;
  int32_t quarters;
} fw_angle;

/* Of an angle from 120 on: the product of its mantissa and bits of 4/pi, modulo a circle. */
static inline fw_angle fw_far_angle(const uint32_t* four_by_pi, uint32_t bits) {
  const uint32_t* part = four_by_pi + (bits >> 26 & 15);
  const uint32_t mantissa = ((bits & 0xFFFFFFu) | 0x800000u) << (bits >> 23 & 7);
  const uint64_t middle = (uint64_t)mantissa * part[4], low = (uint64_t)mantissa * part[8];
  const uint64_t product = ((low >> 32) | ((uint64_t)(mantissa * part[0]) << 32)) + middle;
  const uint64_t quarters = (product + (UINT64_C(1) << 61)) >> 62;
  const double rest = (double)(int64_t)(product - (quarters << 62)) * 0x1.921FB54442D18p-62;
  const fw_angle angle = {bits >> 31 ? -rest : rest,
                          bits >> 31 ? -(int32_t)quarters : (int32_t)quarters};
  return angle;
}

/* Of a number. */
static inline fw_angle fw_angle_of(const uint32_t* four_by_pi, float x) {
  const uint32_t bits = fw_bits_of(x);
  fw_angle angle = {(double)x, 0};
  if (!(fw_magnitude(x) < 120.0f)) return fw_far_angle(four_by_pi, bits);
  /* in units of 2^-24, rounded */
  angle.quarters = ((int32_t)((double)x * 0x1.45F306DC9C883p+23) + (1 << 23)) >> 24;
  const double turned = (double)angle.quarters; /* 7 bits: the first product is exact */
  angle.rest = (angle.rest - turned * 0x1.921FB544p+0) - turned * 0x1.0B46p-34;
  return angle;
}

static inline double fw_sine_near(double x) {
  const double square = x * x, cube = x * square;
  const double low = x + cube * -0x1.555545995a603p-3;
  return low + cube * square * (0x1.1107605230bc4p-7 + square * -0x1.994eb3774cf24p-13);
}

static inline double fw_cosine_near(double x) {
  const double square = x * x, fourth = square * square;
  const double low = 1.0 + square * -0x1.ffffffd0c621cp-2 + fourth * 0x1.55553e1068f19p-5;
  return low + fourth * square * (-0x1.6c087e89a359dp-10 + square * 0x1.99343027bf8c3p-16);
}

/* The sine of an angle and so many quarters of circles more. */
static inline float fw_sine_of(fw_angle angle, int32_t more) {
  const int32_t quarters = angle.quarters + more;
  const float found = (float)(quarters & 1 ? fw_cosine_near(angle.rest) : fw_sine_near(angle.rest));
  return quarters & 2 ? -found : found;
}

/* four_by_pi: 24 words, each of 32 bits of it that begin a byte later. */
static inline float fw_float_sin(const uint32_t* four_by_pi, float x) {
  const float magnitude = fw_magnitude(x);
  if (!(magnitude < fw_float_of(0x7F800000u))) return x != x ? x : fw_float_of(0x7FC00000u);
  return magnitude < 0x1p-12f ? x : fw_sine_of(fw_angle_of(four_by_pi, x), 0);
}

static inline float fw_float_cos(const uint32_t* four_by_pi, float x) {
  if (!(fw_magnitude(x) < fw_float_of(0x7F800000u))) return x != x ? x : fw_float_of(0x7FC00000u);
  return fw_sine_of(fw_angle_of(four_by_pi, x), 1);
}

#endif
