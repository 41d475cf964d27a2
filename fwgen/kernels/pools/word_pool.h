/* Parameters of pools, NHWC, for cores without vectors. */
#ifndef FW_WORD_POOL_H
#define FW_WORD_POOL_H

#include <stdint.h>

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c; /* output_c = input_c */
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
} fw_pool_2d_words_params;

#endif
