/* Pixels that are contiguous in the input times a matrix, int8, for Armv6-M. */
#ifndef FW_MATRIX_PIXELS_S8_V6M_H
#define FW_MATRIX_PIXELS_S8_V6M_H

#include "v6m_thirds.h"

/* input: count pixels of depth inputs, input_pitch apart; kernel: for blocks of p->triples, last:
 * for the last block where it has less; weights as v6m_thirds.h has them; output (count,
 * channels). scratch: 8 bytes for each input of three pixels of a block. */
void fw_matrix_pixels_s8_v6m(const fw_thirds_params* p, const int8_t* input, const int32_t* weights,
                             fw_matrix_thirds* kernel, fw_matrix_thirds* last, uint8_t* scratch,
                             int8_t* output);

#endif
