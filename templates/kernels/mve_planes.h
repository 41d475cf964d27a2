/* Channels side by side become planes: the bytes of one channel in a row, for kernels that multiply
 * many values of the same channel in one instruction.
 *
 * 16 channels are taken at a time, from an image of pixels of 16 bytes each to 16 planes of
 * FW_MVE_PLANE bytes. Four pixels of 16 channels are transposed to 16 words of 4 bytes by shifts
 * with insertion, and scattered to the planes: 32 cycles for 64 bytes.
 */
#ifndef FW_MVE_PLANES_H
#define FW_MVE_PLANES_H

#include <stdint.h>

#include "mve_copy.h"
#include "mve_records.h"

/* Bytes of a plane, as a string for assembly. The largest for which three planes are reached by the
 * immediate offset of a scatter store, 508. */
#define FW_MVE_PLANE "168"
#define FW_MVE_PLANE_BYTES 168
/* Room to read before the first plane: a round whose only output is its last begins up to 7 columns
 * of two words before it. */
#define FW_MVE_PLANES_FRONT 64
#define FW_MVE_PLANES_BYTES (FW_MVE_PLANES_FRONT + 16 * FW_MVE_PLANE_BYTES + 48) /* and after */

/* Transposes `count` times: the four bytes of the same channel of the 16-byte pixels at a, b, c and
 * d become a word. `base` says where the words of bytes 0, 4, 8 and 12 go, less FW_MVE_ADVANCE;
 * those of the three bytes after each go to the planes that follow. Then the pixels FW_MVE_STRIDE
 * bytes further on, and the words FW_MVE_ADVANCE bytes further on. Both are strings. */
static inline void fw_mve_transpose(const int8_t* a, const int8_t* b, const int8_t* c,
                                    const int8_t* d, const uint32_t base[4], int32_t count) {
  __asm__ volatile(
      "vldrw.u32 q6, [%[base]]\n"
      "dls lr, %[count]\n"
      "1:\n"
      "vldrb.u8 q1, [%[b]], #" FW_MVE_STRIDE
      "\n"
      "vldrb.u8 q0, [%[a]], #" FW_MVE_STRIDE
      "\n"
      "vsli.16 q0, q1, #8\n"
      "vldrb.u8 q4, [%[a], #-" FW_MVE_STRIDE
      "]\n"
      "vsri.16 q1, q4, #8\n"
      "vldrb.u8 q2, [%[c]], #" FW_MVE_STRIDE
      "\n"
      "vmov q4, q0\n"
      "vldrb.u8 q3, [%[d]], #" FW_MVE_STRIDE
      "\n"
      "vsli.16 q2, q3, #8\n"
      "vsli.32 q0, q2, #16\n"
      "vldrb.u8 q5, [%[c], #-" FW_MVE_STRIDE
      "]\n"
      "vsri.16 q3, q5, #8\n"
      "vmov q5, q1\n"
      "vstrw.32 q0, [q6, #" FW_MVE_ADVANCE
      "]!\n"
      "vsli.32 q1, q3, #16\n"
      "vstrw.32 q1, [q6, #" FW_MVE_PLANE
      "]\n"
      "vsri.32 q3, q5, #16\n"
      "vstrw.32 q3, [q6, #3*" FW_MVE_PLANE
      "]\n"
      "vsri.32 q2, q4, #16\n"
      "vstrw.32 q2, [q6, #2*" FW_MVE_PLANE
      "]\n"
      "le lr, 1b\n"
      : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d)
      : [base] "r"(base), [count] "r"(count)
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "memory");
}

#endif
