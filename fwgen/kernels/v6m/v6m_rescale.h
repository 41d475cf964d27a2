/* Outputs of sums on cores that have no 64-bit product, in 13 cycles of a Cortex-M0+ with the
 * store.
 *
 * The reference brings a sum to the output's scale by the high word of a product of 32 bits each,
 * rounds twice, adds the zero point and clamps. The clamp comes first here: of the sums that differ
 * in their output, the least one is subtracted (in the bias, at build time), and the others are
 *   a = min(max(sum, 0), most),  most < 2^19.
 * Outputs never fall as sums rise, so that 255 least sums of an output describe a channel whole.
 * The build (scales.py) looks for high, low < 2^13 and addend with which
 *
 *   output = (a high + (a low >> 13) + addend) >> 24
 *
 * is that of the reference at each of these sums and at the one before it, hence at all. The sum of
 * three terms is floor(a (2^13 high + low) / 2^13) + addend: the scale has about 28 bits. All wraps
 * at 32 bits; the lower byte of the output is its value, negative ones included.
 *
 * Where outputs below the zero point are not clamped, the reference rounds their halves away from
 * 0. Then a < bend, which are the negative sums, take the addend `below`. Without such, bend is 0.
 *
 * In assembly, with a, t, high, low, addend in r0 to r7, `most` in any register:
 *   asrs t, a, #31;  bics a, t;  cmp a, most;  bgt elsewhere (which sets a = most, and comes back);
 *   mov t, a;  muls a, high;  muls t, low;  lsrs t, t, #13;  adds a, a, t;  adds a, a, addend;
 *   lsrs a, a, #24
 */
#ifndef FW_V6M_RESCALE_H
#define FW_V6M_RESCALE_H

#include <stdint.h>

#define FW_V6M_LOW_BITS 13

/* Of a channel, or of all. */
typedef struct {
  uint32_t most, high, low, addend;
  uint32_t bend, below;
} fw_v6m_scale;

/* The sum of a channel without those that have the same output, of a sum less the least of them. */
static inline uint32_t fw_v6m_clamped(const fw_v6m_scale* s, int32_t sum) {
  const uint32_t a = (uint32_t)(sum & ~(sum >> 31));
  return a < s->most ? a : s->most;
}

/* The output of such a sum, for scales without a bend: its lower byte. */
static inline int8_t fw_v6m_straight(const fw_v6m_scale* s, uint32_t a) {
  return (int8_t)((a * s->high + (a * s->low >> FW_V6M_LOW_BITS) + s->addend) >> 24);
}

/* The same for any scales. */
static inline int8_t fw_v6m_bent(const fw_v6m_scale* s, uint32_t a) {
  const uint32_t addend = a < s->bend ? s->below : s->addend;
  return (int8_t)((a * s->high + (a * s->low >> FW_V6M_LOW_BITS) + addend) >> 24);
}

#endif
