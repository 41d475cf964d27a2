/* Pixels to planes (mve_planes.h): four pixels of 16 channels are transposed to 16 words of 4 bytes
 * by shifts with insertion, and scattered to the planes: 33 cycles for 64 bytes.
 */
#ifndef FW_MVE_TRANSPOSE_H
#define FW_MVE_TRANSPOSE_H

#include <stdint.h>

#include "mve_planes.h"

/* Transposes `count` times: the four bytes of the same channel of the 16-byte pixels at a, b, c and
 * d become a word. `base` says where the words of bytes 0, 4, 8 and 12 go, less `advance`;
 * those of the three bytes after each go to the planes that follow. Then the pixels FW_MVE_STRIDE
 * bytes further on, a string, and the words `advance` bytes
 * further on. */
static inline void fw_mve_transpose(const int8_t* a, const int8_t* b, const int8_t* c,
                                    const int8_t* d, const uint32_t base[4], int32_t advance,
                                    int32_t count) {
  const void* plane1 = base; /* as numbers: from the first of four planes to another */
  int32_t plane0, plane2 = count, plane3;
  __asm__ volatile(
      "vldrw.u32 q6, [%[plane1]]\n"
      "dls lr, %[plane2]\n"
      "mov %[plane0], #0\n"
      "mov %[plane1], #" FW_MVE_PLANE
      "\n"
      "mov %[plane2], #2*" FW_MVE_PLANE
      "\n"
      "mov %[plane3], #3*" FW_MVE_PLANE
      "\n"
      "1:\n"
      "vldrb.u8 q1, [%[b]], #" FW_MVE_STRIDE
      "\n"
      "vldrb.u8 q0, [%[a]], #" FW_MVE_STRIDE
      "\n"
      "vsli.16 q0, q1, #8\n"
      "vadd.i32 q6, q6, %[advance]\n"
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
      "vstrw.32 q0, [%[plane0], q6]\n"
      "vsli.32 q1, q3, #16\n"
      "vstrw.32 q1, [%[plane1], q6]\n"
      "vsri.32 q3, q5, #16\n"
      "vstrw.32 q3, [%[plane3], q6]\n"
      "vsri.32 q2, q4, #16\n"
      "vstrw.32 q2, [%[plane2], q6]\n"
      "le lr, 1b\n"
      : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [plane0] "=&r"(plane0),
        [plane1] "+r"(plane1), [plane2] "+r"(plane2), [plane3] "=&r"(plane3)
      : [advance] "r"(advance)
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "memory");
}

#endif
