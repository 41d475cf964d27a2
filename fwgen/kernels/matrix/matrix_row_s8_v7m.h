/* FULLY_CONNECTED, and convolutions whose windows are contiguous, of few pixels, for Armv7-M. */
#ifndef FW_MATRIX_ROW_S8_V7M_H
#define FW_MATRIX_ROW_S8_V7M_H

#include "v7m_single.h"

typedef struct {
  int32_t count;       /* rows */
  int32_t depth;       /* inputs of a row */
  int32_t channels;    /* outputs of a row */
  int32_t input_pitch; /* bytes from a row to the next */
  int32_t scale_bytes; /* from a channel's scale to the next; 0 if all have the same */
  int32_t scale_words; /* of all scales, which are before the blocks of weights */
  int32_t block_words; /* of a block of 8 channels */
} fw_matrix_row_v7m_params;

/* Weights as v7m_single.h has them, scales before them. */
void fw_matrix_row_s8_v7m(const fw_matrix_row_v7m_params* p, const int8_t* input,
                          const int32_t* weights, fw_matrix_byte_row* kernel, int8_t* output);

#endif
