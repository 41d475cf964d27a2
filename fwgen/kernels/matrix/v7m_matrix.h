/* Products of 4 pixels with 2 channels, int8, on cores of Armv7-M: four_pixels.h. Bytes are loaded
 * with their sign, and MLA adds a product to a sum.
 *
 * A sum becomes an output by one SMULL, two shifts, an addition and SSAT, with e = -shift from 1 to
 * 22: (high32(4 sum M) + C) >> (e + 1), C = 2^e + 1 + (zero_point << (e + 1)). That rounds twice,
 * as TFLM does, see dsp_matrix.h; C is less by 2 where the sum is negative, unless outputs are
 * clamped at their zero point.
 *
 * Columns: an input of each of the 4 pixels, 4 bytes.
 * Weights: for each pair of channels, from the last to the first, the bias of both (int32), a
 * weight of both for each column, rounded up to 4 bytes, then M, C, e + 1 of each (int32).
 */
#ifndef FW_V7M_MATRIX_H
#define FW_V7M_MATRIX_H

#include "four_pixels.h"
#include "v7m_required.h"

#define FW_V7M_COLUMN_BYTES 4

/* Inputs of one pixel go into its place of so many columns. */
static inline void fw_interleave(const int8_t* from, int32_t bytes, int8_t* column) {
  for (; bytes >= 4; bytes -= 4, from += 4, column += 4 * FW_V7M_COLUMN_BYTES) {
    const int8_t a = from[0], b = from[1], c = from[2], d = from[3];
    column[0] = a;
    column[FW_V7M_COLUMN_BYTES] = b;
    column[2 * FW_V7M_COLUMN_BYTES] = c;
    column[3 * FW_V7M_COLUMN_BYTES] = d;
  }
  for (; bytes > 0; bytes--, column += FW_V7M_COLUMN_BYTES) *column = *from++;
}

#endif
