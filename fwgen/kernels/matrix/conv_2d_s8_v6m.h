/* Convolution with any window, int8, for Armv6-M. */
#ifndef FW_CONV_2D_S8_V6M_H
#define FW_CONV_2D_S8_V6M_H

#include "v6m_thirds.h"
#include "window_bytes.h"

/* Input and output as window_bytes.h has them. */
typedef struct {
  fw_windows windows;
  fw_thirds_params matrix;
} fw_conv_2d_thirds_params;

/* kernel: for blocks of p->matrix.triples, last: for the last block where it has less; weights as
 * v6m_thirds.h has them. scratch: 8 bytes for each input of three pixels of a block, and three
 * windows of bytes, each rounded up to 4. */
void fw_conv_2d_s8_v6m(const fw_conv_2d_thirds_params* p, const int8_t* input,
                       const int32_t* weights, fw_matrix_thirds* kernel, fw_matrix_thirds* last,
                       uint8_t* scratch, int8_t* output);

#endif
