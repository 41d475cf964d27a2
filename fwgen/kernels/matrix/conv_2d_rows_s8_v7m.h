/* Convolution, int8, NHWC, of one image, not grouped or dilated, for Armv7-M: rows with their
 * padding are shared by all windows. */
#ifndef FW_CONV_2D_ROWS_S8_V7M_H
#define FW_CONV_2D_ROWS_S8_V7M_H

#include "v7m_rows.h"

/* input (input_h, input_w, input_c); kernel: for 4 pixels that are stride_w * input_c inputs apart;
 * weights as v7m_matrix.h has them, of channels (kernel_h, kernel_w, input_c), kernel_h up to
 * FW_MOST_KERNEL_ROWS; output (output_h, output_w, output_c). scratch: kernel_h rows of row_bytes,
 * and 4 channels + 1 bytes. */
void fw_conv_2d_rows_s8_v7m(const fw_conv_2d_rows_params* p, const int8_t* input,
                            const int32_t* weights, fw_matrix_rows* kernel, uint8_t* scratch,
                            int8_t* output);

#endif
