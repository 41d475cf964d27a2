/* Lines of windows: copies and fills of them, and which taps of a window are inside the input.
 *
 * Copying takes 4 cycles for 16 bytes of a line: a load and a store, which take their unit 2 cycles
 * each.
 */
#ifndef FW_MVE_LINES_H
#define FW_MVE_LINES_H

#include <stdint.h>

#include "mve_required.h"

/* A vector of each of `lines` lines, 1 or more; `setup` may say which bytes of it. */
#define COPY(setup, load, store)                                                                   \
  __asm__ volatile(                                                                                \
      setup                                                                                        \
      "dls lr, %[n]\n"                                                                             \
      "1:\n" load "add %[from], %[from], %[from_pitch]\n" store                                    \
      "add %[to], %[to], %[to_pitch]\n"                                                            \
      "le lr, 1b\n"                                                                                \
      : [to] "+r"(to), [from] "+r"(from)                                                           \
      : [n] "r"(lines), [to_pitch] "r"(to_pitch), [from_pitch] "r"(from_pitch), [bytes] "r"(bytes) \
      : "lr", "q0", "memory")

static inline void copy_vectors(int8_t* to, int32_t to_pitch, const int8_t* from,
                                int32_t from_pitch, int32_t lines, int32_t bytes) {
  COPY("", "vldrb.8 q0, [%[from]]\n", "vstrb.8 q0, [%[to]]\n");
}

static inline void copy_bytes(int8_t* to, int32_t to_pitch, const int8_t* from, int32_t from_pitch,
                              int32_t lines, int32_t bytes) {
  COPY("vctp.8 %[bytes]\n", "vpst\nvldrbt.8 q0, [%[from]]\n", "vpst\nvstrbt.8 q0, [%[to]]\n");
}

/* Copies the first `bytes` of lines. If `whole`, up to 15 bytes more may be read in the input, and
 * written where the next line begins: the last vectors go first, as lines ascend. */
static void copy_lines(int8_t* to, int32_t to_pitch, const int8_t* from, int32_t from_pitch,
                       int32_t lines, int32_t bytes, int32_t whole) {
  const int32_t end = bytes & ~15;
  if (bytes > end) {
    if (whole) {
      copy_vectors(to + end, to_pitch, from + end, from_pitch, lines, 16);
    } else {
      copy_bytes(to + end, to_pitch, from + end, from_pitch, lines, bytes - end);
    }
  }
  for (int32_t at = 0; at < end; at += 16) {
    copy_vectors(to + at, to_pitch, from + at, from_pitch, lines, 16);
  }
}

static inline void fill(int8_t* to, int32_t value, int32_t bytes) {
  __asm__ volatile(
      "vdup.8 q0, %[value]\n"
      "wlstp.8 lr, %[n], 2f\n"
      "1:\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [to] "+r"(to)
      : [value] "r"(value), [n] "r"(bytes)
      : "lr", "q0", "memory");
}

/* Where `count` taps from `first` on, `step` apart, are inside 0..size: [from, to). */
typedef struct {
  int32_t from, to;
} range;

static inline range inside(int32_t first, int32_t step, int32_t count, int32_t size) {
  range r = {0, count};
  int32_t last = first + (count - 1) * step;
  for (; r.from < count && first < 0; first += step) r.from++;
  for (; r.to > r.from && last >= size; last -= step) r.to--;
  return r;
}

#undef COPY

#endif
