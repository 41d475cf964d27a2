/* Weights of 4 bits, unpacked to the stream of mve_matrix.h: 8 cycles for 32 weights.
 *
 * A packed block is as one of that stream, but of 32 weights in a row 16 bytes are left: byte i has
 * weight i in its low half, and weight 16 + i in its high half.
 */
#ifndef FW_MVE_UNPACK_H
#define FW_MVE_UNPACK_H

#include <stdint.h>

#include "mve_required.h"

#define FW_MVE_PACKED_BLOCK(vectors) (64 + 64 * (vectors))

/* `tiles` tiles, two to a block, of `vectors` vectors of 16 inputs. */
static inline void fw_mve_unpack(const int8_t* packed, int32_t tiles, int32_t vectors, int8_t* to) {
  __asm__ volatile(
      "1:\n"
      "vldrb.u8 q0, [%[from]], #16\n"
      "dls lr, %[pieces]\n"
      "vldrb.u8 q1, [%[from]], #16\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "vstrb.8 q1, [%[to]], #16\n"
      "2:\n"
      "vldrb.u8 q0, [%[from]], #16\n"
      "vshl.i8 q1, q0, #4\n"
      "vshr.s8 q0, q0, #4\n"
      "vshr.s8 q1, q1, #4\n"
      "vstrb.8 q0, [%[to], #16]\n"
      "vstrb.8 q1, [%[to]], #32\n"
      "le lr, 2b\n"
      "subs %[tiles], %[tiles], #1\n"
      "bne 1b\n"
      : [from] "+r"(packed), [to] "+r"(to), [tiles] "+r"(tiles)
      : [pieces] "r"(2 * vectors)
      : "lr", "cc", "q0", "q1", "memory");
}

#endif
