/* Sliding windows of one channel at a time, NHWC: what pools of all element types share. */
#ifndef FW_POOL_2D_H
#define FW_POOL_2D_H

#include <stdint.h>

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c; /* output_c = input_c */
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
  int32_t activation_min, activation_max; /* of integers */
} fw_pool_2d_params;

#endif
