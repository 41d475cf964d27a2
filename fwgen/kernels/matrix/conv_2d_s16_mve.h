/* Convolution, int16 with int8 weights, NHWC, not grouped, for MVE; any kernel, stride, dilation
 * and padding. */
#ifndef FW_CONV_2D_S16_MVE_H
#define FW_CONV_2D_S16_MVE_H

#include "conv_2d_s8_mve.h"
#include "mve_matrix_s16.h"

typedef struct {
  fw_conv_2d_s8_mve_params windows; /* input_c and matrix.input_pitch in bytes, output_c in
                                       elements, nothing else of matrix */
  fw_matrix_s16_params matrix;
} fw_conv_2d_s16_mve_params;

/* As fw_conv_2d_s8_mve; weights as mve_matrix_s16.h has them. */
void fw_conv_2d_s16_mve(const fw_conv_2d_s16_mve_params* p, const int16_t* input,
                        const int8_t* weights, fw_matrix_s16* kernel, uint8_t* scratch,
                        int16_t* output);

#endif
