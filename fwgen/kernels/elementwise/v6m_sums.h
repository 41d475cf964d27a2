/* Sums that become outputs by a shift, on cores of Armv6-M: out = base + (sum >> 21), where the sum
 * is clamped to [0, most] first. Not the three requantizations of the reference, but what the build
 * has compared with it for all 65,536 pairs of inputs. No sum leaves 32 bits.
 *
 * One index goes for all three tensors, in loops of four elements. Each operand is loaded and
 * becomes its part of the sum as its kernel says; with a weight that takes 3 cycles of a
 * Cortex-M0+, by a table 5, and the rest 12.
 */
#ifndef FW_V6M_SUMS_H
#define FW_V6M_SUMS_H

#include <stdint.h>

#include "v6m_required.h"

typedef struct {
  int32_t offset, most, base;
} fw_v6m_sum;

/* What a loop takes, in the order in which it loads it. Of `first` and `second` a kernel knows what
 * they are. */
typedef struct {
  const int8_t *input1, *input2;
  int8_t* output;
  const void *first, *second;
  fw_v6m_sum sum;
  int32_t count; /* a multiple of 4, and not 0 */
} fw_v6m_sums;

/* clang-format off */
#define FW_V6M_SUM(n, operand1, operand2)                              \
  operand1("r6", "r1", "r4")                                           \
  operand2("r7", "r2", "r5")                                           \
  "adds r6, r6, r7\n"                                                  \
  "add r6, r8\n"                                                       \
  "asrs r7, r6, #31\n"                                                 \
  "bics r6, r7\n"                                                      \
  "cmp r6, r9\n"                                                       \
  "bgt 2" n "f\n"                                                      \
  "3" n ":\n"                                                          \
  "lsrs r6, r6, #21\n"                                                 \
  "add r6, r10\n"                                                      \
  "strb r6, [r3, r0]\n"                                                \
  "adds r0, r0, #1\n"
#define FW_V6M_MOST(n) "2" n ":\nmov r6, r9\nb 3" n "b\n"

/* A loop over elements, from the block's address in r0 on. */
#define FW_V6M_SUMS(operand1, operand2)                                \
  ".syntax unified\n"                                                  \
  "push {r7}\n"                                                        \
  "ldm r0!, {r1, r2, r3, r4, r5, r6, r7}\n"                            \
  "mov r8, r6\n"                                                       \
  "mov r9, r7\n"                                                       \
  "ldm r0!, {r6, r7}\n"                                                \
  "mov r10, r6\n"                                                      \
  "mov r11, r7\n"                                                      \
  "movs r0, #0\n"                                                      \
  "1:\n"                                                               \
  FW_V6M_SUM("0", operand1, operand2) FW_V6M_SUM("1", operand1, operand2) \
  FW_V6M_SUM("2", operand1, operand2) FW_V6M_SUM("3", operand1, operand2) \
  "cmp r0, r11\n"                                                      \
  "bne 1b\n"                                                           \
  "b 4f\n"                                                             \
  FW_V6M_MOST("0") FW_V6M_MOST("1") FW_V6M_MOST("2") FW_V6M_MOST("3")  \
  "4:\n"                                                               \
  "pop {r7}\n"
/* clang-format on */

#define FW_V6M_SUMS_CLOBBERED \
  "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "cc", "memory"

/* The output of a sum. */
static inline int8_t fw_v6m_output_of(const fw_v6m_sum* by, int32_t sum) {
  const int32_t moved = sum + by->offset, kept = moved & ~(moved >> 31);
  return (int8_t)(by->base + ((kept < by->most ? kept : by->most) >> 21));
}

#endif
