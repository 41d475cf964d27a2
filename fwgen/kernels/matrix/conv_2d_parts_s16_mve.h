/* Convolutions of parts of an image, int16 with int8 weights, NHWC, for MVE. */
#ifndef FW_CONV_2D_PARTS_S16_MVE_H
#define FW_CONV_2D_PARTS_S16_MVE_H

#include "conv_2d_s16_mve.h"

typedef struct {
  fw_conv_2d_s16_mve_params conv; /* of each part */
  int32_t parts;
  int32_t input_step, weights_step, output_step;  /* elements from part to part */
  int32_t output_image, output_row, output_pixel; /* elements from one to the next */
} fw_conv_2d_parts_s16_mve_params;

/* As fw_conv_2d_parts_s8_mve; weights as mve_matrix_s16.h has them. */
void fw_conv_2d_parts_s16_mve(const fw_conv_2d_parts_s16_mve_params* p, const int16_t* input,
                              const int8_t* weights, fw_matrix_s16* kernel, uint8_t* scratch,
                              int16_t* output);

#endif
