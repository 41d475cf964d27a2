/* Sums of int8 channels over pixels, for Armv7-M without the DSP extension: channel_sums.h.
 *
 * With each sign turned over a byte is 128 more, and not negative: an AND takes every other byte of
 * a word as halfwords, which are added up. A load and 5 instructions for 4 channels of a pixel.
 */
#ifndef FW_V7M_CHANNEL_SUMS_H
#define FW_V7M_CHANNEL_SUMS_H

#include "channel_sums.h"
#include "v7m_required.h"

#define FW_SIGNS_OF_BYTES 0x80808080u
#define FW_EVEN_BYTES 0x00FF00FFu

/* `more` is what turned signs have added. */
static inline void fw_add_halfword_sums(uint32_t even, uint32_t odd, int32_t more, int32_t* sums) {
  sums[0] += (int32_t)(even & 0xFFFFu) - more;
  sums[1] += (int32_t)(odd & 0xFFFFu) - more;
  sums[2] += (int32_t)(even >> 16) - more;
  sums[3] += (int32_t)(odd >> 16) - more;
}

static inline void fw_add_8_bytes(const fw_pixels* p, const int8_t* row, int32_t* sums) {
  uint32_t even0 = 0, odd0 = 0, even1 = 0, odd1 = 0;
  for (int32_t r = 0; r < p->rows; r++, row += p->pitch) {
    const int8_t* in = row;
    for (int32_t left = p->columns; left > 0; left--, in += p->step) {
      const uint32_t word0 = fw_four_channels(in) ^ FW_SIGNS_OF_BYTES;
      const uint32_t word1 = fw_four_channels(in + 4) ^ FW_SIGNS_OF_BYTES;
      even0 += word0 & FW_EVEN_BYTES;
      odd0 += word0 >> 8 & FW_EVEN_BYTES;
      even1 += word1 & FW_EVEN_BYTES;
      odd1 += word1 >> 8 & FW_EVEN_BYTES;
    }
  }
  fw_add_halfword_sums(even0, odd0, 128 * p->rows * p->columns, sums);
  fw_add_halfword_sums(even1, odd1, 128 * p->rows * p->columns, sums + 4);
}

static inline void fw_add_4_bytes(const fw_pixels* p, const int8_t* row, int32_t* sums) {
  uint32_t even = 0, odd = 0;
  for (int32_t r = 0; r < p->rows; r++, row += p->pitch) {
    const int8_t* in = row;
    for (int32_t left = p->columns; left > 0; left--, in += p->step) {
      const uint32_t word = fw_four_channels(in) ^ FW_SIGNS_OF_BYTES;
      even += word & FW_EVEN_BYTES;
      odd += word >> 8 & FW_EVEN_BYTES;
    }
  }
  fw_add_halfword_sums(even, odd, 128 * p->rows * p->columns, sums);
}

#endif
