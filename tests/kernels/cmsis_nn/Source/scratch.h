/* Scratch memory of the stand-in, and which class of core it is compiled for. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include "arm_nnfunctions.h"

enum { PLAIN, DSP, MVE };

/* A test may define CORE to have the ways of another core on this one. */
#if !defined(CORE) && defined(__ARM_FEATURE_MVE)
#define CORE MVE
#elif !defined(CORE) && defined(__ARM_FEATURE_DSP)
#define CORE DSP
#elif !defined(CORE)
#define CORE PLAIN
#endif

/* The members that the parameters of all windowed kernels have in common. */
#define WINDOW(p, input, filter, output)                                                      \
  .batches = (input)->n, .input_h = (input)->h, .input_w = (input)->w, .input_c = (input)->c, \
  .output_h = (output)->h, .output_w = (output)->w, .output_c = (output)->c,                  \
  .kernel_h = (filter)->h, .kernel_w = (filter)->w, .stride_h = (p)->stride.h,                \
  .stride_w = (p)->stride.w, .pad_top = (p)->padding.h, .pad_left = (p)->padding.w,           \
  .activation_min = (p)->activation.min, .activation_max = (p)->activation.max

/* Writes all of the scratch memory; 0 if there is too little. */
static inline int spoil(const cmsis_nn_context* ctx, int32_t bytes) {
  uint8_t* buffer = ctx->buf;
  if (bytes != ctx->size || (bytes && !buffer)) return 0;
  for (int32_t i = 0; i < bytes; i++) buffer[i] = 0x5A;
  return 1;
}

static inline int32_t round_up(int32_t value, int32_t unit) {
  return (value + unit - 1) / unit * unit;
}

#endif
