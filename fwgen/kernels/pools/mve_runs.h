/* Sums and extremes of bytes that follow one another, for MVE: 16 in 3 to 4 cycles. */
#ifndef FW_MVE_RUNS_H
#define FW_MVE_RUNS_H

#include <stdint.h>

#include "mve_required.h"

/* What `step` makes of `state` and 16 int8 values in q0, for all of `count`, 1 or more. The state
 * is in an even register, as sums are. */
#define FW_STEP_RUN(step, in, count, state) \
  __asm__ volatile(                         \
      "dlstp.8 lr, %[n]\n"                  \
      "1:\n"                                \
      "vldrb.8 q0, [%[at]], #16\n" step     \
      " %[of], q0\n"                        \
      "letp lr, 1b\n"                       \
      : [at] "+l"(in), [of] "+Te"(state)    \
      : [n] "r"(count)                      \
      : "lr", "q0", "memory")

#endif
