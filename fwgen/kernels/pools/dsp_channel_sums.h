/* Sums of int8 channels over pixels, for the DSP extension, 8 or 4 channels at a time.
 *
 * SXTAB16 widens two bytes of a word and adds them to two halfwords, in which up to 256 values have
 * room: a load and two additions for 4 channels of a pixel.
 */
#ifndef FW_DSP_CHANNEL_SUMS_H
#define FW_DSP_CHANNEL_SUMS_H

#include "channel_sums.h"
#include "dsp_required.h"

/* Channels 0 and 2 of a word. */
static inline uint32_t fw_add_even(uint32_t sums, uint32_t word) {
  __asm__("sxtab16 %0, %0, %1\n" : "+r"(sums) : "r"(word));
  return sums;
}

/* Channels 1 and 3 of a word. */
static inline uint32_t fw_add_odd(uint32_t sums, uint32_t word) {
  __asm__("sxtab16 %0, %0, %1, ror #8\n" : "+r"(sums) : "r"(word));
  return sums;
}

static inline void fw_add_four_sums(uint32_t even, uint32_t odd, int32_t sums[4]) {
  sums[0] += (int16_t)even;
  sums[1] += (int16_t)odd;
  sums[2] += (int32_t)even >> 16;
  sums[3] += (int32_t)odd >> 16;
}

/* Of 8 channels and 256 pixels at most. */
static inline void fw_add_8_widened(const fw_pixels* p, const int8_t* row, int32_t* sums) {
  uint32_t even0 = 0, odd0 = 0, even1 = 0, odd1 = 0;
  for (int32_t r = 0; r < p->rows; r++, row += p->pitch) {
    const int8_t* in = row;
    for (int32_t left = p->columns; left > 0; left--, in += p->step) {
      const uint32_t word0 = fw_four_channels(in), word1 = fw_four_channels(in + 4);
      even0 = fw_add_even(even0, word0);
      odd0 = fw_add_odd(odd0, word0);
      even1 = fw_add_even(even1, word1);
      odd1 = fw_add_odd(odd1, word1);
    }
  }
  fw_add_four_sums(even0, odd0, sums);
  fw_add_four_sums(even1, odd1, sums + 4);
}

/* Of 4 channels and 256 pixels at most. */
static inline void fw_add_4_widened(const fw_pixels* p, const int8_t* row, int32_t* sums) {
  uint32_t even = 0, odd = 0;
  for (int32_t r = 0; r < p->rows; r++, row += p->pitch) {
    const int8_t* in = row;
    for (int32_t left = p->columns; left > 0; left--, in += p->step) {
      const uint32_t word = fw_four_channels(in);
      even = fw_add_even(even, word);
      odd = fw_add_odd(odd, word);
    }
  }
  fw_add_four_sums(even, odd, sums);
}

#endif
