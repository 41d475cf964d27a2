/* Root of the mean square of a sliding window, float, NHWC: reference variant. */
#ifndef FW_L2_POOL_2D_F32_H
#define FW_L2_POOL_2D_F32_H

#include <stdint.h>

#include "pool_2d.h"

/* bounds: the least and the greatest output. input (batches, input_h, input_w, input_c), output
 * (batches, output_h, output_w, input_c). */
void fw_l2_pool_2d_f32(const fw_pool_2d_params* p, const float* bounds, const float* input,
                       float* output);

#endif
