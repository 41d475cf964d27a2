/* Natural logarithms: reference variant. */
#ifndef FW_SIGNAL_FILTER_BANK_LOG_U32_H
#define FW_SIGNAL_FILTER_BANK_LOG_U32_H

#include <stdint.h>

/* output[i] = scale * ln(input[i] * 2^bits), input and output (count). curve (129) is
 * 2^16 * (log2(1 + i / 128) - i / 128). */
void fw_signal_filter_bank_log_u32(const uint16_t* curve, const uint32_t* input, int16_t* output,
                                   int32_t count, int32_t scale, int32_t bits);

#endif
