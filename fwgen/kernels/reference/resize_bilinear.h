/* Interpolated images, NHWC: what the reference variants have in common. */
#ifndef FW_RESIZE_BILINEAR_H
#define FW_RESIZE_BILINEAR_H

#include <stdint.h>

typedef struct {
  int32_t batches, input_h, input_w, channels;
  int32_t output_h, output_w;
} fw_resize_bilinear_params;

#endif
