/* The rescaling of element-wise kernels for cores without vectors.
 *
 * A value v, of which there is 4 times, becomes an output with e = -shift from 1 to 22:
 *   (high32(4 v M) + C) >> (e + 1),  C = 2^e + 1 + (zero_point << (e + 1)),
 * less 2 in C where v is negative, and saturated. That rounds twice, as TFLM does: see
 * dsp_matrix.h.
 */
#ifndef FW_RESCALING_H
#define FW_RESCALING_H

#include <stdint.h>

/* M, C and e + 1. */
typedef struct {
  int32_t multiplier, addend, shift;
} fw_rescaling;

#endif
