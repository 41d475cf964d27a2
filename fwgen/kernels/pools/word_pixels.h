/* Channels of pixels by words of 4, for cores without vectors. */
#ifndef FW_WORD_PIXELS_H
#define FW_WORD_PIXELS_H

#include <stdint.h>

/* Pixels of an image, by bytes: `columns` of them `step` apart, in `rows` that are `pitch` apart.
 */
typedef struct {
  int32_t rows, columns, step, pitch;
} fw_pixels;

/* Rows that follow one another without a gap become one. */
static inline fw_pixels fw_pixels_of(int32_t rows, int32_t columns, int32_t step, int32_t pitch) {
  fw_pixels p = {.rows = rows, .columns = columns, .step = step, .pitch = pitch};
  if (columns * step == pitch) {
    p.columns = rows * columns;
    p.rows = 1;
  }
  return p;
}

/* Channels that go together where so many are left. */
static inline int32_t fw_channels_together(int32_t left) {
  return left >= 8 ? 8 : left >= 4 ? 4 : 1;
}

static inline uint32_t fw_four_channels(const int8_t* from) {
  uint32_t word;
  __builtin_memcpy(&word, from, sizeof word);
  return word;
}

#endif
