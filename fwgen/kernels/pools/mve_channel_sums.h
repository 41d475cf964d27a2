/* Sums of int8 channels over pixels, for MVE, 16 or 8 channels at a time.
 *
 * Up to 256 values add up in 16 bits: two loads that widen and two additions for 16 channels, with
 * the address 5 instructions and 6 cycles. Sums of 32 bits are of even and of odd channels, as
 * instructions widen them: words 0 to 3 have channels 0, 2, 4 and 6, words 4 to 7 channels 1, 3, 5
 * and 7, and words 8 to 15 the same of channels 8 to 15.
 */
#ifndef FW_MVE_CHANNEL_SUMS_H
#define FW_MVE_CHANNEL_SUMS_H

#include <stdint.h>

#include "mve_required.h"

#define FW_ADD_HALF(q, t, at)      \
  "vldrw.32 " t ", [%[sums], #" at \
  "]\n"                            \
  "vmovlb.s16 q2, " q              \
  "\n"                             \
  "vadd.i32 " t ", " t             \
  ", q2\n"                         \
  "vstrw.32 " t ", [%[sums], #" at "]\n"

#define FW_ADD_OTHER_HALF(q, t, at) \
  "vldrw.32 " t ", [%[sums], #" at  \
  "]\n"                             \
  "vmovlt.s16 q2, " q               \
  "\n"                              \
  "vadd.i32 " t ", " t              \
  ", q2\n"                          \
  "vstrw.32 " t ", [%[sums], #" at "]\n"

static inline void fw_clear_sums(int32_t sums[16]) {
  __asm__ volatile(
      "vmov.i32 q0, #0\n"
      "vstrw.32 q0, [%[sums]]\n"
      "vstrw.32 q0, [%[sums], #16]\n"
      "vstrw.32 q0, [%[sums], #32]\n"
      "vstrw.32 q0, [%[sums], #48]\n"
      :
      : [sums] "r"(sums)
      : "q0", "memory");
}

/* Of 16 channels and 1 to 256 pixels. */
static inline void fw_add_16_channels(const int8_t* in, int32_t step, int32_t pixels,
                                      int32_t sums[16]) {
  __asm__ volatile(
      "vmov.i32 q0, #0\n"
      "vmov.i32 q1, #0\n"
      "dls lr, %[n]\n"
      "1:\n"
      "vldrb.s16 q2, [%[in]]\n"
      "vldrb.s16 q3, [%[in], #8]\n"
      "add %[in], %[in], %[step]\n"
      "vadd.i16 q0, q0, q2\n"
      "vadd.i16 q1, q1, q3\n"
      "le lr, 1b\n" FW_ADD_HALF("q0", "q3", "0") FW_ADD_OTHER_HALF("q0", "q3", "16")
          FW_ADD_HALF("q1", "q3", "32") FW_ADD_OTHER_HALF("q1", "q3", "48")
      : [in] "+l"(in)
      : [n] "r"(pixels), [step] "r"(step), [sums] "r"(sums)
      : "lr", "q0", "q1", "q2", "q3", "memory");
}

/* Of 8 channels at most, into the first 8 words. */
static inline void fw_add_8_channels(const int8_t* in, int32_t step, int32_t pixels,
                                     int32_t channels, int32_t sums[16]) {
  __asm__ volatile(
      "vctp.16 %[channels]\n"
      "vmov.i32 q0, #0\n"
      "dls lr, %[n]\n"
      "1:\n"
      "vpst\n"
      "vldrbt.s16 q2, [%[in]]\n"
      "add %[in], %[in], %[step]\n"
      "vadd.i16 q0, q0, q2\n"
      "le lr, 1b\n" FW_ADD_HALF("q0", "q3", "0") FW_ADD_OTHER_HALF("q0", "q3", "16")
      : [in] "+l"(in)
      : [n] "r"(pixels), [step] "r"(step), [channels] "r"(channels), [sums] "r"(sums)
      : "lr", "q0", "q2", "q3", "memory");
}

/* Adds up `pixels` pixels `step` bytes apart: 16 channels if there are as many, or 8 at most. */
static inline void fw_add_pixels(const int8_t* in, int32_t step, int32_t pixels, int32_t channels,
                                 int32_t sums[16]) {
  for (; pixels > 0; pixels -= 256, in += 256 * step) {
    const int32_t some = pixels < 256 ? pixels : 256;
    if (channels >= 16) {
      fw_add_16_channels(in, step, some, sums);
    } else {
      fw_add_8_channels(in, step, some, channels, sums);
    }
  }
}

/* The next channels after `c`, of `channels`, less than which are left: the last 16 again, if there
 * are more in all, or 8 more. */
static inline int32_t fw_next_channels(int32_t c, int32_t channels) {
  if (channels < 16) return c + 8;
  return c + 16 < channels && c + 32 > channels ? channels - 16 : c + 16;
}

#undef FW_ADD_HALF
#undef FW_ADD_OTHER_HALF

#endif
