/* Largest value of a sliding window, int8, NHWC, for the DSP extension. */
#ifndef FW_MAX_POOL_2D_S8_DSP_H
#define FW_MAX_POOL_2D_S8_DSP_H

#include "dsp_required.h"
#include "word_pool.h"

/* input (batches, input_h, input_w, input_c), output (batches, output_h, output_w, input_c). */
void fw_max_pool_2d_s8_dsp(const fw_pool_2d_words_params* p, const int8_t* input, int8_t* output);

#endif
