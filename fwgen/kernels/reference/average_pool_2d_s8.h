/* Mean of a sliding window, int8, NHWC: reference variant. */
#ifndef FW_AVERAGE_POOL_2D_S8_H
#define FW_AVERAGE_POOL_2D_S8_H

#include <stdint.h>

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c; /* output_c = input_c */
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
  int32_t activation_min, activation_max;
} fw_average_pool_2d_s8_params;

/* input (batches, input_h, input_w, input_c), output (batches, output_h, output_w, input_c). */
void fw_average_pool_2d_s8(const fw_average_pool_2d_s8_params* p, const int8_t* input,
                           int8_t* output);

#endif
