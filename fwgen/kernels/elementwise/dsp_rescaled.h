/* The rescaling of element-wise kernels for the DSP extension: rescaling.h, by one SMMLA, a shift
 * and SSAT. */
#ifndef FW_DSP_RESCALED_H
#define FW_DSP_RESCALED_H

#include "dsp_required.h"
#include "rescaling.h"

/* One output, of 4 times a value. */
static inline int8_t fw_rescaled_byte(fw_rescaling by, int32_t value) {
  const int32_t high = (int32_t)((int64_t)value * by.multiplier >> 32);
  int32_t out = (high + by.addend - (value < 0 ? 2 : 0)) >> by.shift;
  __asm__("ssat %0, #8, %0\n" : "+r"(out) : : "cc");
  return (int8_t)out;
}

/* Two outputs of 4 times a value each, in registers `p` and `q`; `t` is overwritten. */
/* clang-format off */
#define FW_RESCALE_TWO(p, q, t, multiplier, addend, shift) \
  "asr " t ", " p ", #31\n"                                \
  "add " t ", " addend ", " t ", lsl #1\n"                 \
  "smmla " p ", " p ", " multiplier ", " t "\n"            \
  "asr " t ", " q ", #31\n"                                \
  "add " t ", " addend ", " t ", lsl #1\n"                 \
  "smmla " q ", " q ", " multiplier ", " t "\n"            \
  "asr " p ", " p ", " shift "\n"                          \
  "asr " q ", " q ", " shift "\n"                          \
  "ssat " p ", #8, " p "\n"                                \
  "ssat " q ", #8, " q "\n"
/* clang-format on */

#endif
