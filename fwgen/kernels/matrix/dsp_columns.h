/* Pixels become columns of widened inputs: dsp_matrix.h has the layout. For Armv7E-M. */
#ifndef FW_DSP_COLUMNS_H
#define FW_DSP_COLUMNS_H

#include "dsp_matrix.h"

/* What the columns of a pixel are apart, of the same 4 inputs, and X from Y, in words. */
#define FW_COLUMN_STEP 8
#define FW_COLUMN_Y 4

/* The columns of 4 inputs, a word of bytes x3 x2 x1 x0, of one pixel. */
static inline void fw_widen(uint32_t inputs, uint32_t* column) {
  uint32_t x, y;
  __asm__(
      "sxtb16 %[x], %[inputs], ror #8\n"
      "and %[y], %[mask], %[inputs], lsl #8\n"
      "ssub16 %[y], %[y], %[x]\n"
      "sadd16 %[y], %[y], %[offset]\n"
      : [x] "=&r"(x), [y] "=&r"(y)
      : [inputs] "r"(inputs), [mask] "r"(0xFF00FF00u), [offset] "r"(0x007F007Fu)
      : "cc");
  column[0] = x;
  column[FW_COLUMN_Y] = y;
}

/* Columns of `bytes` inputs, and of zeros up to a multiple of 4; returns where the next begin. */
static inline uint32_t* fw_widen_bytes(const int8_t* from, int32_t bytes, uint32_t* column) {
  for (; bytes >= 4; bytes -= 4, from += 4, column += FW_COLUMN_STEP) {
    uint32_t inputs;
    __builtin_memcpy(&inputs, from, sizeof inputs);
    fw_widen(inputs, column);
  }
  if (bytes > 0) {
    uint32_t inputs = (uint8_t)from[0];
    if (bytes > 1) inputs |= (uint32_t)(uint8_t)from[1] << 8;
    if (bytes > 2) inputs |= (uint32_t)(uint8_t)from[2] << 16;
    fw_widen(inputs, column);
    column += FW_COLUMN_STEP;
  }
  return column;
}

/* Columns of `bytes` inputs of one value, a multiple of 4. */
static inline uint32_t* fw_widen_value(int32_t value, int32_t bytes, uint32_t* column) {
  for (; bytes > 0; bytes -= 4, column += FW_COLUMN_STEP) {
    fw_widen((uint8_t)value * 0x01010101u, column);
  }
  return column;
}

/* The products of 4 pixels whose columns are there. */
static inline void fw_four_pixels(const fw_matrix_dsp_params* p, fw_matrix_columns* kernel,
                                  const uint32_t* columns, const int32_t* weights, int8_t* output) {
  const int32_t pairs = (p->channels + 1) / 2;
  const fw_matrix_block block = {
      columns,
      columns + p->whole * FW_COLUMN_STEP,
      columns + p->steps * FW_COLUMN_STEP,
      output + 2 * (pairs - 1),
      p->channels,
      pairs,
      weights,
  };
  kernel(&block);
}

/* The same of the first `count` pixels, whose outputs go by `spare`: 4 pixels and a byte. */
static inline void fw_last_pixels(const fw_matrix_dsp_params* p, fw_matrix_columns* kernel,
                                  const uint32_t* columns, const int32_t* weights, int32_t count,
                                  int8_t* spare, int8_t* output) {
  fw_four_pixels(p, kernel, columns, weights, spare);
  for (int32_t i = 0; i < count * p->channels; i++) output[i] = spare[i];
}

#endif
