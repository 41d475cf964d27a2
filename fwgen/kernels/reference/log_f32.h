/* Natural logarithm of float32 values: reference variant. */
#ifndef FW_LOG_F32_H
#define FW_LOG_F32_H

#include <stdint.h>

/* logs: 16 pairs, see float_log.h. output may be input. */
void fw_log_f32(const int64_t* logs, const float* input, float* output, int32_t elements);

#endif
