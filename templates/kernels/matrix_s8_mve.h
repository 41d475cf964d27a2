/* Rows of int8 inputs times constant weights for MVE: 1x1 convolution and FULLY_CONNECTED. */
#ifndef FW_MATRIX_S8_MVE_H
#define FW_MATRIX_S8_MVE_H

#include <stdint.h>

#include "mve_matrix.h"

typedef struct {
  int32_t rows;
  int32_t vectors; /* of 16 values in a row */
  int32_t units;
  int32_t output_zero_point;
} fw_matrix_s8_mve_params;

/* input (rows, 16 * vectors); weights and quads as mve_matrix.h has them; output (rows, units). */
void fw_matrix_s8_mve(const fw_matrix_s8_mve_params* p, const int8_t* input, const int8_t* weights,
                      const int32_t* quads, int8_t* output);

#endif
