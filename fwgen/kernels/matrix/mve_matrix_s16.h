/* What the kernels for MVE share that multiply int16 pixels by a matrix of int8 weights:
 *   output[pixel][c] = saturate(rescaled(bias[c] + sum input[pixel][k] * w[c][k]))
 * Zero points are 0. Sums have 32 bits, which none leaves: the build has proven it.
 *
 * Where the reference has sums of 64 bits, it rescales by
 *   (sum * r + 2^(14 - shift)) >> (15 - shift)
 * with a multiplier r of 15 bits. For a shift of -16 to 0 that is one VQRDMULH, which computes
 * (2 * sum * m + 2^31) >> 32, with m = r * 2^(16 + shift). By the rule of 32 bits (`s32`) it is as
 * in mve_requantize.h, with the fix-up.
 *
 * Weights and parameters come in quads of 4 channels, the first ones first:
 *   bias[4], multiplier[4], by the rule of 32 bits shift[4],
 *   and for each step of 8 inputs, of which there is an even number: 8 bytes of each of the 4
 *   channels.
 * What is beyond the inputs or the channels is 0.
 */
#ifndef FW_MVE_MATRIX_S16_H
#define FW_MVE_MATRIX_S16_H

#include <stdint.h>

#include "mve_required.h"

#define FW_MVE_QUAD_CLOBBERS                                                                   \
  "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2", \
      "q3", "q4", "q5", "q6", "q7", "cc", "memory"

typedef struct {
  int32_t depth, channels;
  int32_t input_pitch, output_pitch; /* elements from one pixel to the next */
} fw_matrix_s16_params;

/* Computes `count` pixels: the first `paired` of them, an even number, two at a time. These are
 * read in an even number of whole steps of 8 inputs; what is beyond a pixel does not matter. */
typedef void fw_matrix_s16(const fw_matrix_s16_params* p, const int16_t* input, int32_t paired,
                           int32_t count, const int8_t* weights, int16_t* output);

/* What pairs of pixels and a quad are given, in the order in which a walk takes it. */
typedef struct {
  const int8_t* weights;
  const int16_t *input0, *input1;
  int32_t advance;    /* bytes from the last step of a pixel to the next pixel but one */
  const int16_t* end; /* of the inputs of pixels 0 */
  int32_t pitch;      /* of outputs, in bytes */
  int16_t* out;
  int32_t count; /* of two steps, beyond the first 4; below 0 if there are 2 */
  int32_t bytes; /* from the parameters of a quad to its last weights */
} fw_mve_quad;

/* All quads: pairs of pixels by `walk`, and others, and channels that fill no quad, by `single`.
 * `parameters` are the bytes before the weights of a quad. */
static inline void fw_mve_quads(const fw_matrix_s16_params* p, const int16_t* input, int32_t paired,
                                int32_t count, const int8_t* weights, int16_t* output,
                                int32_t parameters, void (*walk)(const fw_mve_quad*),
                                void (*single)(const int8_t* weights, const int16_t* input,
                                               int32_t depth, int32_t lanes, int16_t* out)) {
  const int32_t steps = (p->depth + 15) >> 4 << 1, bytes = parameters + 32 * steps;
  fw_mve_quad quad = {
      .input0 = input,
      .input1 = input + p->input_pitch,
      .advance = 4 * p->input_pitch - 16 * (steps - 1),
      .end = input + paired * p->input_pitch,
      .pitch = 2 * p->output_pitch,
      .count = (steps >> 1) - 2,
      .bytes = bytes - 8,
  };
  for (int32_t channel = 0; channel < p->channels; channel += 4, weights += bytes) {
    const int32_t lanes = p->channels - channel;
    const int32_t done = lanes < 4 ? 0 : paired;
    if (done > 0) {
      quad.weights = weights;
      quad.out = output + channel;
      walk(&quad);
    }
    for (int32_t i = done; i < count; i++) {
      single(weights, input + i * p->input_pitch, p->depth, lanes,
             output + i * p->output_pitch + channel);
    }
  }
}

/* The sums of a pixel and a quad, less its bias, in q0; %[w] is at its weights and moves past those
 * of the pixel's steps. 9 cycles a step: 5 loads and 4 multiplications. */
#define FW_MVE_QUAD_SUMS              \
  "movs %[a0], #0\n"                  \
  "movs %[a1], #0\n"                  \
  "mov %[a2], #0\n"                   \
  "mov %[a3], #0\n"                   \
  "dlstp.16 lr, %[depth]\n"           \
  "1:\n"                              \
  "vldrh.u16 q0, [%[x]], #16\n"       \
  "vldrb.s16 q1, [%[w]], #8\n"        \
  "vmladava.s16 %[a0], q0, q1\n"      \
  "vldrb.s16 q2, [%[w]], #8\n"        \
  "vmladava.s16 %[a1], q0, q2\n"      \
  "vldrb.s16 q1, [%[w]], #8\n"        \
  "vmladava.s16 %[a2], q0, q1\n"      \
  "vldrb.s16 q2, [%[w]], #8\n"        \
  "vmladava.s16 %[a3], q0, q2\n"      \
  "letp lr, 1b\n"                     \
  "vmov q0[2], q0[0], %[a0], %[a2]\n" \
  "vctp.32 %[lanes]\n"                \
  "vmov q0[3], q0[1], %[a1], %[a3]\n"

#endif
