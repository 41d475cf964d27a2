/* Products of columns of int8 inputs with packed int8 weights on MVE: the core of convolutions.
 *
 * A column is `vectors` times 16 input values, the weights beyond the true depth being 0. Weights
 * come in blocks of four channels: first those of channels 0 and 2, then of 1 and 3, a vector of
 * the one and a vector of the other in turn. A block's fw_mve_quad has the four channels' folded
 * bias, bias - input_zero_point * sum of weights, and their multiplier and shift.
 *
 * Per 16 inputs, two columns and two channels: 4 loads, 4 multiply-accumulates, each of which takes
 * its unit two cycles, and they overlap: 8 MAC a cycle. A block adds some 28 instructions for its 8
 * outputs.
 */
#ifndef FW_MVE_MATRIX_H
#define FW_MVE_MATRIX_H

#include <arm_mve.h>
#include <stdint.h>

#include "mve_requantize.h"

typedef struct {
  int32_t bias[4]; /* of channels 0, 2, 1, 3 */
  int32_t multiplier[4];
  int32_t shift[4]; /* <= -1, or the multiplier is 0 */
} fw_mve_quad;

/* Two sums of each of two columns, for channels of which bias holds the start. */
typedef struct {
  int32_t column0[2], column1[2];
} fw_mve_sums;

static inline fw_mve_sums fw_mve_two_by_two(const int8_t** weights, const int8_t* column0,
                                            const int8_t* column1, int32_t vectors,
                                            const int32_t* bias) {
  int32_t a = bias[0], b = a, c = bias[1], d = c;
  __asm__ volatile(
      "dls lr, %[n]\n"
      "1:\n"
      "vldrb.8 q0, [%[x]], #16\n"
      "vldrb.8 q1, [%[w]], #16\n"
      "vmladava.s8 %[a], q0, q1\n"
      "vldrb.8 q2, [%[y]], #16\n"
      "vmladava.s8 %[b], q2, q1\n"
      "vldrb.8 q3, [%[w]], #16\n"
      "vmladava.s8 %[c], q0, q3\n"
      "vmladava.s8 %[d], q2, q3\n"
      "le lr, 1b\n"
      : [a] "+Te"(a), [b] "+Te"(b), [c] "+Te"(c), [d] "+Te"(d), [w] "+r"(*weights),
        [x] "+r"(column0), [y] "+r"(column1)
      : [n] "r"(vectors)
      : "lr", "q0", "q1", "q2", "q3", "memory");
  return (fw_mve_sums){{a, c}, {b, d}};
}

/* Four sums, of channels 0 to 3, rescaled and saturated to int8 in the low byte of each lane. */
static inline int32x4_t fw_mve_rescale(int32x4_t sums, int32x4_t multiplier, int32x4_t shift,
                                       int32_t one, int32_t zero_point) {
  __asm__(FW_MVE_SCALE("%q[x]", "%q[m]") FW_MVE_AWAY_ONE("%q[x]", "%[one]") FW_MVE_SHIFT(
              "%q[x]", "%q[s]") "vadd.i32 %q[x], %q[x], %[z]\n" FW_MVE_HALF_B("%q[x]", "%q[x]")
              FW_MVE_BYTE_B("%q[x]", "%q[x]")
          : [x] "+w"(sums)
          : [m] "w"(multiplier), [s] "w"(shift), [one] "r"(one), [z] "r"(zero_point));
  return sums;
}

/* Lanes 0 to 3 from the sums of channels 0 and 2 and of channels 1 and 3. */
static inline int32x4_t fw_mve_quad_of(const int32_t even[2], const int32_t odd[2]) {
  int32x4_t quad;
  __asm__(
      "vmov %q[q][2], %q[q][0], %[a], %[b]\n"
      "vmov %q[q][3], %q[q][1], %[c], %[d]\n"
      : [q] "=&w"(quad)
      : [a] "r"(even[0]), [b] "r"(even[1]), [c] "r"(odd[0]), [d] "r"(odd[1]));
  return quad;
}

/* The rescaled outputs of a block for two columns, in the low byte of each lane. */
typedef struct {
  int32x4_t column0, column1;
} fw_mve_block;

static inline fw_mve_block fw_mve_four_channels(const int8_t** weights, const fw_mve_quad* quad,
                                                const int8_t* column0, const int8_t* column1,
                                                int32_t vectors, int32_t zero_point) {
  const fw_mve_sums even = fw_mve_two_by_two(weights, column0, column1, vectors, quad->bias);
  const fw_mve_sums odd = fw_mve_two_by_two(weights, column0, column1, vectors, quad->bias + 2);
  const int32x4_t multiplier = vld1q_s32(quad->multiplier), shift = vld1q_s32(quad->shift);
  return (fw_mve_block){
      fw_mve_rescale(fw_mve_quad_of(even.column0, odd.column0), multiplier, shift, 1, zero_point),
      fw_mve_rescale(fw_mve_quad_of(even.column1, odd.column1), multiplier, shift, 1, zero_point)};
}

/* All `channels` outputs of two columns; the columns may be the same, and the outputs then too. */
static inline void fw_mve_two_columns(const int8_t* weights, const fw_mve_quad* quad,
                                      const int8_t* column0, const int8_t* column1, int32_t vectors,
                                      int32_t channels, int32_t zero_point, int8_t* output0,
                                      int8_t* output1) {
  for (; channels >= 4; channels -= 4, quad++, output0 += 4, output1 += 4) {
    const fw_mve_block block =
        fw_mve_four_channels(&weights, quad, column0, column1, vectors, zero_point);
    vstrbq_s32(output0, block.column0);
    vstrbq_s32(output1, block.column1);
  }
  if (channels) {
    const fw_mve_block block =
        fw_mve_four_channels(&weights, quad, column0, column1, vectors, zero_point);
    const mve_pred16_t left = vctp32q((uint32_t)channels);
    vstrbq_p_s32(output0, block.column0, left);
    vstrbq_p_s32(output1, block.column1, left);
  }
}

#endif
