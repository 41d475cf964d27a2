/* Softmax of rows of float32: reference variant. */
#ifndef FW_SOFTMAX_F32_H
#define FW_SOFTMAX_F32_H

#include <stdint.h>

typedef struct {
  int32_t rows, depth;
} fw_softmax_f32_params;

/* powers: 32, see float_exp.h. beta: one number, by which differences are multiplied. input and
 * output (rows, depth), which may be the same. */
void fw_softmax_f32(const fw_softmax_f32_params* p, const int64_t* powers, const float* beta,
                    const float* input, float* output);

#endif
