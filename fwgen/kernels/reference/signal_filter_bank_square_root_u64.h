/* Square roots of energies: reference variant. */
#ifndef FW_SIGNAL_FILTER_BANK_SQUARE_ROOT_U64_H
#define FW_SIGNAL_FILTER_BANK_SQUARE_ROOT_U64_H

#include <stdint.h>

/* output[i] = round(sqrt(input[i])) / 2^bits[0], rounded down. */
void fw_signal_filter_bank_square_root_u64(const uint64_t* input, const int32_t* bits,
                                           uint32_t* output, int32_t count);

#endif
