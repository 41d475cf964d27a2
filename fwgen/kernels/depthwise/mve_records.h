/* Weights and parameters of the channels of a block, as fw_mve_dot reads them, from what is in
 * flash.
 *
 * In flash: where each tap lies in a window (`taps` bytes); weights as the model has them, per tap
 * those of all channels; then, from a multiple of 4 bytes on, per 4 channels 4 words of bias * 64 +
 * shift (0 to -31 in 6 bits) and 4 multipliers. In the buffer, for 16 channels: windows of 16
 * bytes, 0 where no tap is, and FW_MVE_PARAMETERS bytes after the first of them bias, multiplier
 * and shift of each channel and a fourth number, 32 bits each. Of the fourths of 4 channels, the
 * first is the output zero point, the second has room for an address. A byte 0 comes before the
 * windows.
 *
 * 21 cycles per tap and 16 per 4 channels: with 9 taps 16 cycles per channel.
 */
#ifndef FW_MVE_RECORDS_H
#define FW_MVE_RECORDS_H

#include <stdint.h>

#include "mve_copy.h"

#define FW_MVE_WINDOW 16
#define FW_MVE_PARAMETERS 256 /* dot products have it in their listings, and */
#define FW_MVE_OUT 7          /* where the address of the output of 4 channels is, in words */

typedef struct {
  int32_t zero[1]; /* the byte before the windows is its last one */
  int8_t windows[FW_MVE_PARAMETERS];
  int32_t parameters[16 * 4];
} fw_mve_records;

/* Makes windows 0: taps are always written to the same bytes of them. */
static inline void fw_mve_clear_records(fw_mve_records* r) {
  r->zero[0] = 0;
  fw_mve_fill(r->windows, 0, FW_MVE_PARAMETERS);
}

/* The weights of 16 channels, those of the next tap `channels` bytes further on, at their places in
 * windows. */
static inline void fw_mve_put_taps(const int8_t* places, const int8_t* weights, int32_t channels,
                                   int32_t taps, int8_t* windows) {
  int32_t at = 0;
  __asm__ volatile(
      "vidup.u8 q1, %[at], #8\n"
      "vshl.i8 q1, q1, #1\n"
      "dls lr, %[taps]\n"
      "1:\n"
      "ldrb %[at], [%[places]], #1\n"
      "vldrb.u8 q0, [%[weights]]\n"
      "add %[at], %[at], %[windows]\n"
      "vstrb.8 q0, [%[at], q1]\n"
      "add %[weights], %[weights], %[channels]\n"
      "le lr, 1b\n"
      : [at] "+Te"(at), [places] "+r"(places), [weights] "+r"(weights)
      : [taps] "r"(taps), [channels] "r"(channels), [windows] "r"(windows)
      : "lr", "q0", "q1", "memory");
}

/* The parameters of `lanes` channels, from their words. */
static inline void fw_mve_put_parameters(const int8_t* from, int32_t zero_point, int32_t lanes,
                                         int32_t* to) {
  __asm__ volatile(
      "vdup.32 q3, %[zero_point]\n"
      "dls lr, %[quads]\n"
      "2:\n"
      "vldrw.u32 q0, [%[from]], #16\n"
      "vshl.i32 q2, q0, #26\n"
      "vldrw.u32 q1, [%[from]], #16\n"
      "vshr.s32 q0, q0, #6\n"
      "vshr.s32 q2, q2, #26\n"
      "vst40.32 {q0, q1, q2, q3}, [%[to]]\n"
      "vst41.32 {q0, q1, q2, q3}, [%[to]]\n"
      "vst42.32 {q0, q1, q2, q3}, [%[to]]\n"
      "vst43.32 {q0, q1, q2, q3}, [%[to]]!\n"
      "le lr, 2b\n"
      : [from] "+r"(from), [to] "+r"(to)
      : [zero_point] "r"(zero_point), [quads] "r"((lanes + 3) / 4)
      : "lr", "q0", "q1", "q2", "q3", "memory");
}

/* Fills a block with `lanes` channels from `first` on, of `channels`. Past `lanes` are any values.
 */
static inline void fw_mve_expand(const int8_t* packed, int32_t channels, int32_t taps,
                                 int32_t zero_point, int32_t first, int32_t lanes,
                                 fw_mve_records* r) {
  fw_mve_put_taps(packed, packed + taps + first, channels, taps, r->windows);
  fw_mve_put_parameters(packed + ((taps + taps * channels + 3) & ~3) + first * 8, zero_point, lanes,
                        r->parameters);
}

#endif
