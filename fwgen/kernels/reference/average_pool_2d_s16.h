/* Mean of a sliding window, int16, NHWC: reference variant. */
#ifndef FW_AVERAGE_POOL_2D_S16_H
#define FW_AVERAGE_POOL_2D_S16_H

#include <stdint.h>

#include "pool_2d.h"

/* input (batches, input_h, input_w, input_c), output (batches, output_h, output_w, input_c). */
void fw_average_pool_2d_s16(const fw_pool_2d_params* p, const int16_t* input, int16_t* output);

#endif
