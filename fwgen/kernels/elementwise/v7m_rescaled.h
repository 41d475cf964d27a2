/* The rescaling of element-wise kernels for Armv7-M: rescaling.h, by one SMULL, shifts and SSAT. */
#ifndef FW_V7M_RESCALED_H
#define FW_V7M_RESCALED_H

#include "rescaling.h"
#include "v7m_required.h"

/* A value in [-128, 127]. */
static inline int32_t fw_saturated_byte(int32_t value) {
  __asm__("ssat %0, #8, %0\n" : "+r"(value) : : "cc");
  return value;
}

/* One output, of 4 times a value. */
static inline int32_t fw_rescaled_value(fw_rescaling by, int32_t value) {
  const int32_t high = (int32_t)((int64_t)value * by.multiplier >> 32);
  return fw_saturated_byte((high + by.addend + (value >> 31) * 2) >> by.shift);
}

#endif
