/* Pixels to planes (mve_planes.h): four pixels of 16 channels are transposed to 16 words of 4 bytes
 * by shifts with insertion, and scattered to the planes: 37 cycles for 64 bytes.
 */
#ifndef FW_MVE_TRANSPOSE_H
#define FW_MVE_TRANSPOSE_H

#include <stdint.h>

#include "mve_planes.h"

/* Four pixels of 16 bytes, those `step` bytes after each, and so on, `count` times. The four bytes
 * of the same channel become a word. `to` says where the words of bytes 0, 4, 8 and 12 go, less
 * `advance`; those of the three bytes after each go to the planes that follow, `plane` bytes apart;
 * the next ones `advance` bytes further on. The assembly has this order. */
typedef struct {
  const int8_t* from[4];
  int32_t step[4];
  int32_t plane, advance, count;
  uint32_t to[4];
} fw_mve_transposition;

static inline void fw_mve_transpose(const fw_mve_transposition* t) {
  register const fw_mve_transposition* r0 __asm__("r0") = t;
  __asm__ volatile(
      "ldrd r10, r12, [r0, #32]\n"
      "ldr lr, [r0, #40]\n"
      "vldrw.u32 q6, [r0, #44]\n"
      "vdup.32 q7, r12\n"
      "dls lr, lr\n"
      "mov r9, #0\n" /* from the first of four planes to another, as numbers */
      "add r11, r10, r10\n"
      "add r12, r10, r11\n"
      "ldm r0, {r0, r1, r2, r3, r4, r5, r6, r8}\n"
      "1:\n"
      "vldrb.u8 q1, [r1]\n"
      "add r1, r1, r5\n"
      "vadd.i32 q6, q6, q7\n"
      "vldrb.u8 q0, [r0]\n"
      "vsli.16 q0, q1, #8\n"
      "vldrb.u8 q4, [r0]\n"
      "vsri.16 q1, q4, #8\n"
      "vldrb.u8 q2, [r2]\n"
      "vmov q4, q0\n"
      "vldrb.u8 q3, [r3]\n"
      "vsli.16 q2, q3, #8\n"
      "add r3, r3, r8\n"
      "vsli.32 q0, q2, #16\n"
      "vldrb.u8 q5, [r2]\n"
      "vsri.16 q3, q5, #8\n"
      "add r2, r2, r6\n"
      "vmov q5, q1\n"
      "vstrw.32 q0, [r9, q6]\n"
      "vsli.32 q1, q3, #16\n"
      "vstrw.32 q1, [r10, q6]\n"
      "vsri.32 q3, q5, #16\n"
      "vstrw.32 q3, [r12, q6]\n"
      "vsri.32 q2, q4, #16\n"
      "vstrw.32 q2, [r11, q6]\n"
      "add r0, r0, r4\n"
      "le lr, 1b\n"
      : "+r"(r0)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2",
        "q3", "q4", "q5", "q6", "q7", "memory");
}

/* The same for 4 channels: `count` times the words of four fours of pixels. Pixels begin at a
 * multiple of 4 bytes. The third of a four has the step of the first, the fourth that of the
 * second. Of `to` only the first counts. 54 cycles for 64 bytes. */
static inline void fw_mve_transpose_quads(const fw_mve_transposition* t) {
  register const fw_mve_transposition* r0 __asm__("r0") = t;
  __asm__ volatile(
      "ldrd r10, r12, [r0, #32]\n"
      "ldrd r8, r9, [r0, #40]\n"
      "dls lr, r8\n"
      "mov r6, #0\n"
      "vidup.u32 q6, r6, #1\n"
      "ldm r0, {r0, r1, r2, r3, r4, r5}\n"
      "vmul.i32 q7, q6, r4\n"
      "lsl r4, r4, #2\n"
      "vmul.i32 q5, q6, r5\n"
      "lsl r5, r5, #2\n"
      "vmul.i32 q6, q6, r12\n"
      "add r9, r9, r12\n"
      "lsl r8, r12, #2\n"
      "add r11, r9, r10, lsl #1\n"
      "add r12, r11, r10\n"
      "add r10, r10, r9\n"
      "1:\n"
      "vldrw.u32 q0, [r0, q7]\n"
      "add r0, r0, r4\n"
      "vldrw.u32 q1, [r1, q5]\n"
      "vmov q4, q0\n"
      "add r1, r1, r5\n"
      "vldrw.u32 q2, [r2, q7]\n"
      "vsli.16 q0, q1, #8\n"
      "add r2, r2, r4\n"
      "vldrw.u32 q3, [r3, q5]\n"
      "vsri.16 q1, q4, #8\n"
      "vmov q4, q2\n"
      "add r3, r3, r5\n"
      "vsli.16 q2, q3, #8\n"
      "vsri.16 q3, q4, #8\n"
      "vmov q4, q0\n"
      "vsli.32 q0, q2, #16\n"
      "vstrw.32 q0, [r9, q6]\n"
      "vsri.32 q2, q4, #16\n"
      "vmov q4, q1\n"
      "vstrw.32 q2, [r11, q6]\n"
      "vsli.32 q1, q3, #16\n"
      "vstrw.32 q1, [r10, q6]\n"
      "vsri.32 q3, q4, #16\n"
      "vstrw.32 q3, [r12, q6]\n"
      "vadd.i32 q6, q6, r8\n"
      "le lr, 1b\n"
      : "+r"(r0)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2",
        "q3", "q4", "q5", "q6", "q7", "memory");
}

#endif
