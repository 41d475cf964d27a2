/* Mean of an int8 tensor over any axes: reference variant. */
#ifndef FW_MEAN_S8_H
#define FW_MEAN_S8_H

#include <stdint.h>

/* Sizes and strides of the axes that stay and of those that are averaged, outermost first; adjacent
 * axes of one kind are merged, so that three of each suffice for six dimensions. */
typedef struct {
  int32_t kept_size[3], kept_stride[3];
  int32_t mean_size[3], mean_stride[3];
  int32_t offset; /* -input zero point * number of averaged elements */
  int32_t output_multiplier, output_shift, output_zero_point;
} fw_mean_s8_params;

/* output is dense, in the order of the kept axes. */
void fw_mean_s8(const fw_mean_s8_params* p, const int8_t* input, int8_t* output);

#endif
