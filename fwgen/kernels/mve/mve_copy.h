/* Copies and fills memory with vectors: 4 and 2 cycles per 16 bytes. Any alignment, any size. */
#ifndef FW_MVE_COPY_H
#define FW_MVE_COPY_H

#include <stdint.h>

#include "mve_required.h"

static inline void fw_mve_copy(const int8_t* from, int32_t bytes, int8_t* to) {
  __asm__ volatile(
      "wlstp.8 lr, %[bytes], 2f\n"
      "1:\n"
      "vldrb.u8 q0, [%[from]], #16\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [from] "+r"(from), [to] "+r"(to)
      : [bytes] "r"(bytes)
      : "lr", "q0", "memory");
}

static inline void fw_mve_fill(int8_t* to, int32_t value, int32_t bytes) {
  __asm__ volatile(
      "vdup.8 q0, %[value]\n"
      "wlstp.8 lr, %[bytes], 2f\n"
      "1:\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [to] "+r"(to)
      : [value] "r"(value), [bytes] "r"(bytes)
      : "lr", "q0", "memory");
}

/* Copies `pixels` pixels, `step` bytes apart, of `channels` (1 to 16) bytes each to 16-byte pixels.
 * What lies above `channels` becomes 0. At least one pixel. 4 cycles each. Changes the predicate
 * register, of which neither compiler lets assembly tell. */
static inline void fw_mve_gather(const int8_t* from, int32_t step, int32_t channels, int32_t pixels,
                                 int8_t* to) {
  if (channels == 16) {
    __asm__ volatile(
        "dls lr, %[pixels]\n"
        "1:\n"
        "vldrb.u8 q0, [%[from]]\n"
        "add %[from], %[from], %[step]\n"
        "vstrb.8 q0, [%[to]], #16\n"
        "le lr, 1b\n"
        : [from] "+r"(from), [to] "+r"(to)
        : [step] "r"(step), [pixels] "r"(pixels)
        : "lr", "q0", "memory");
    return;
  }
  __asm__ volatile(
      "vctp.8 %[channels]\n"
      "dls lr, %[pixels]\n"
      "1:\n"
      "vpst\n"
      "vldrbt.u8 q0, [%[from]]\n"
      "add %[from], %[from], %[step]\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "le lr, 1b\n"
      : [from] "+r"(from), [to] "+r"(to)
      : [step] "r"(step), [channels] "r"(channels), [pixels] "r"(pixels)
      : "lr", "q0", "memory");
}

/* The way back: copies `pixels` 16-byte pixels, of which only `channels` bytes each, to pixels
 * `step` bytes apart. */
static inline void fw_mve_put(const int8_t* from, int32_t channels, int32_t pixels, int8_t* to,
                              int32_t step) {
  __asm__ volatile(
      "vctp.8 %[channels]\n"
      "dls lr, %[pixels]\n"
      "1:\n"
      "vldrb.u8 q0, [%[from]], #16\n"
      "vpst\n"
      "vstrbt.8 q0, [%[to]]\n"
      "add %[to], %[to], %[step]\n"
      "le lr, 1b\n"
      : [from] "+r"(from), [to] "+r"(to)
      : [step] "r"(step), [channels] "r"(channels), [pixels] "r"(pixels)
      : "lr", "q0", "memory");
}

#endif
