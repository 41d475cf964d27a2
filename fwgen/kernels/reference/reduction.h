/* Reductions over any axes: what the reference variants have in common. */
#ifndef FW_REDUCTION_H
#define FW_REDUCTION_H

#include <stdint.h>

/* Sizes and strides of the axes that stay and of those that are reduced, outermost first; adjacent
 * axes of one kind are merged, so that three of each suffice for six dimensions. */
#define FW_REDUCTION_AXES               \
  int32_t kept_size[3], kept_stride[3]; \
  int32_t reduced_size[3], reduced_stride[3]

typedef struct {
  FW_REDUCTION_AXES;
} fw_reduction_params;

typedef struct {
  FW_REDUCTION_AXES;
  int32_t offset; /* -input zero point * number of elements per output */
  int32_t output_multiplier, output_shift, output_zero_point;
} fw_rescaled_reduction_params;

typedef struct {
  FW_REDUCTION_AXES;
  int32_t count; /* of elements per output */
} fw_counted_reduction_params;

#endif
