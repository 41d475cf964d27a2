/* Sigmoid of float32 values: reference variant. */
#ifndef FW_LOGISTIC_F32_H
#define FW_LOGISTIC_F32_H

#include <stdint.h>

/* powers: 32, see float_exp.h. output may be input. */
void fw_logistic_f32(const int64_t* powers, const float* input, float* output, int32_t elements);

#endif
