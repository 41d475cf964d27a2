/* Convolutions of 1x1 by products of 4 pixels where they are, for Armv7-M. */
#ifndef FW_MATRIX_APART_S8_V7M_H
#define FW_MATRIX_APART_S8_V7M_H

#include "v7m_rows.h"

typedef struct {
  int32_t count;       /* pixels */
  int32_t depth;       /* inputs of a pixel */
  int32_t channels;    /* outputs of a pixel */
  int32_t input_pitch; /* bytes from a pixel to the next */
} fw_matrix_apart_params;

/* input: `count` pixels; kernel: for 4 of them that are input_pitch apart; weights as v7m_matrix.h
 * has them; output (count, channels). scratch: 4 pixels, rounded up to 4 bytes, and 4 channels + 1
 * bytes. */
void fw_matrix_apart_s8_v7m(const fw_matrix_apart_params* p, const int8_t* input,
                            const int32_t* weights, fw_matrix_rows* kernel, uint8_t* scratch,
                            int8_t* output);

#endif
