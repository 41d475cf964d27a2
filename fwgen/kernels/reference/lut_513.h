/* A function of int16 by 513 of its values, interpolated as TFLM does it. */
#ifndef FW_LUT_513_H
#define FW_LUT_513_H

#include <stdint.h>

/* table: the function at -32768, -32640, ..., 32640 and 32767. */
static inline int32_t fw_lut_513(int32_t value, const int16_t* table) {
  const int16_t* base = table + 256 + (value >> 7);
  return base[0] + (((base[1] - base[0]) * (value & 127) + 64) >> 7);
}

#endif
