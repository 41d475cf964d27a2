/* Mean of a sliding window, int8, NHWC: reference variant. */
#ifndef FW_AVERAGE_POOL_2D_S8_H
#define FW_AVERAGE_POOL_2D_S8_H

#include <stdint.h>

#include "pool_2d.h"

/* input (batches, input_h, input_w, input_c), output (batches, output_h, output_w, input_c). */
void fw_average_pool_2d_s8(const fw_pool_2d_params* p, const int8_t* input, int8_t* output);

#endif
