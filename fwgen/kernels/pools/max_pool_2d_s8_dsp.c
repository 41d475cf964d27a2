/* As the reference kernel: SSUB8 compares 4 channels, and SEL takes the greater of each; a load and
 * both for 4 channels of a pixel.
 */
#include "max_pool_2d_s8_dsp.h"

#include "word_windows.h"

static const uint32_t least_bytes = 0x80808080u; /* in each byte */

static inline uint32_t greater(uint32_t most, uint32_t word) {
  uint32_t difference;
  __asm__(
      "ssub8 %[difference], %[most], %[word]\n"
      "sel %[most], %[most], %[word]\n"
      : [most] "+&r"(most), [difference] "=&r"(difference)
      : [word] "r"(word)
      : "cc");
  return most;
}

static void max_of_8(const fw_pixels* p, const int8_t* row, int8_t* out) {
  uint32_t most0 = least_bytes, most1 = least_bytes;
  for (int32_t r = 0; r < p->rows; r++, row += p->pitch) {
    const int8_t* in = row;
    for (int32_t left = p->columns; left > 0; left--, in += p->step) {
      const uint32_t word0 = fw_four_channels(in), word1 = fw_four_channels(in + 4);
      most0 = greater(most0, word0);
      most1 = greater(most1, word1);
    }
  }
  __builtin_memcpy(out, &most0, sizeof most0);
  __builtin_memcpy(out + 4, &most1, sizeof most1);
}

static void max_of_4(const fw_pixels* p, const int8_t* row, int8_t* out) {
  uint32_t most = least_bytes;
  for (int32_t r = 0; r < p->rows; r++, row += p->pitch) {
    const int8_t* in = row;
    for (int32_t left = p->columns; left > 0; left--, in += p->step) {
      most = greater(most, fw_four_channels(in));
    }
  }
  __builtin_memcpy(out, &most, sizeof most);
}

static void max_of_1(const fw_pixels* p, const int8_t* row, int8_t* out) {
  int8_t most = INT8_MIN;
  for (int32_t r = 0; r < p->rows; r++, row += p->pitch) {
    const int8_t* in = row;
    for (int32_t left = p->columns; left > 0; left--, in += p->step) {
      if (*in > most) most = *in;
    }
  }
  *out = most;
}

static void maxima(const fw_pixels* window, const int8_t* first, int32_t channels, int8_t* out) {
  for (int32_t c = 0, together; c < channels; c += together) {
    together = fw_channels_together(channels - c);
    if (together == 8) {
      max_of_8(window, first + c, out + c);
    } else if (together == 4) {
      max_of_4(window, first + c, out + c);
    } else {
      max_of_1(window, first + c, out + c);
    }
  }
}

void fw_max_pool_2d_s8_dsp(const fw_pool_2d_words_params* p, const int8_t* input, int8_t* output) {
  fw_each_window(p, input, output, maxima);
}
