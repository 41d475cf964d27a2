/* Mean of a sliding window, int8, NHWC, for Armv6-M. */
#ifndef FW_AVERAGE_POOL_2D_S8_V6M_H
#define FW_AVERAGE_POOL_2D_S8_V6M_H

#include "v6m_required.h"
#include "word_pool.h"

/* input (batches, input_h, input_w, input_c), output (batches, output_h, output_w, input_c). */
void fw_average_pool_2d_s8_v6m(const fw_pool_2d_words_params* p, const int8_t* input,
                               int8_t* output);

#endif
