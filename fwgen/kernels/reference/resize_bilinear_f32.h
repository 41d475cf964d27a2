/* Interpolated images, NHWC, float: reference variant. */
#ifndef FW_RESIZE_BILINEAR_F32_H
#define FW_RESIZE_BILINEAR_F32_H

#include <stdint.h>

#include "resize_bilinear.h"

/* rows (output_h, 2) and columns (output_w, 2): the two of the input around each of the output;
 * row_fractions (output_h) and column_fractions (output_w): how far it is from the first of them,
 * of int8 in units of 1/1024. */
void fw_resize_bilinear_f32(const fw_resize_bilinear_params* p, const int32_t* rows,
                            const float* row_fractions, const int32_t* columns,
                            const float* column_fractions, const float* input, float* output);

#endif
