/* Convolutions of parts of an image, int8, NHWC, for MVE: groups of channels, and the phases of a
 * transposed convolution. */
#ifndef FW_CONV_2D_PARTS_S8_MVE_H
#define FW_CONV_2D_PARTS_S8_MVE_H

#include "conv_2d_s8_mve.h"

typedef struct {
  fw_conv_2d_s8_mve_params conv; /* of each part */
  int32_t parts;
  int32_t input_step, weights_step, output_step;  /* bytes, words and bytes from part to part */
  int32_t output_image, output_row, output_pixel; /* bytes from one to the next */
} fw_conv_2d_parts_s8_mve_params;

/* Each part as fw_conv_2d_s8_mve has it, but for the output: conv.output_h rows of conv.output_w
 * pixels, apart as the params say, of which conv.output_c bytes are written. matrix.output_pitch is
 * output_row in a strip that goes down, output_pixel in one along. pairs may be rest; if not,
 * conv.output_c is a multiple of 8. */
void fw_conv_2d_parts_s8_mve(const fw_conv_2d_parts_s8_mve_params* p, const int8_t* input,
                             const int32_t* weights, fw_matrix* pairs, fw_matrix* rest,
                             uint8_t* scratch, int8_t* output);

#endif
