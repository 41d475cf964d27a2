/* Mean of a sliding window, int8, NHWC, for Armv7-M. */
#ifndef FW_AVERAGE_POOL_2D_S8_V7M_H
#define FW_AVERAGE_POOL_2D_S8_V7M_H

#include "v7m_required.h"
#include "word_pool.h"

/* input (batches, input_h, input_w, input_c), output (batches, output_h, output_w, input_c). */
void fw_average_pool_2d_s8_v7m(const fw_pool_2d_words_params* p, const int8_t* input,
                               int8_t* output);

#endif
