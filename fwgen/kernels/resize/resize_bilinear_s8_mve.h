/* Interpolated images, int8, NHWC, for MVE. */
#ifndef FW_RESIZE_BILINEAR_S8_MVE_H
#define FW_RESIZE_BILINEAR_S8_MVE_H

#include "mve_required.h"
#include "resize_bilinear.h"

/* As fw_resize_bilinear_s8. */
void fw_resize_bilinear_s8_mve(const fw_resize_bilinear_params* p, const int32_t* rows,
                               const int32_t* row_fractions, const int32_t* columns,
                               const int32_t* column_fractions, const int8_t* input,
                               int8_t* output);

#endif
