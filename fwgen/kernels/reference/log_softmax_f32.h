/* Logarithms of softmax of rows of float32: reference variant. */
#ifndef FW_LOG_SOFTMAX_F32_H
#define FW_LOG_SOFTMAX_F32_H

#include <stdint.h>

typedef struct {
  int32_t rows, depth;
} fw_log_softmax_f32_params;

/* powers: 32, see float_exp.h. logs: 16 pairs, see float_log.h. input and output (rows, depth),
 * which may be the same. */
void fw_log_softmax_f32(const fw_log_softmax_f32_params* p, const int64_t* powers,
                        const int64_t* logs, const float* input, float* output);

#endif
