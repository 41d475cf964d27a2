/* Rows that are contiguous in the input times a matrix, int8, one by one, for Armv6-M. */
#ifndef FW_MATRIX_ROW_S8_V6M_H
#define FW_MATRIX_ROW_S8_V6M_H

#include "v6m_row.h"

/* input: count rows of depth inputs, input_pitch apart; constants: scales and weights as v6m_row.h
 * has them; output (count, channels). scratch: a byte for each input of a row, rounded up to 4,
 * and 8, aligned to 8. */
void fw_matrix_row_s8_v6m(const fw_row_params* p, const int8_t* input, const int32_t* constants,
                          fw_matrix_row_channels* kernel, uint8_t* scratch, int8_t* output);

#endif
