/* Sums of energies in overlapping bands: reference variant. */
#ifndef FW_SIGNAL_FILTER_BANK_U32_H
#define FW_SIGNAL_FILTER_BANK_U32_H

#include <stdint.h>

/* starts, weight_starts and widths are of channels + 1 bands: where a band begins in the input and
 * among the weights, and how many energies are in it. output (channels). */
void fw_signal_filter_bank_u32(const uint32_t* input, const int16_t* weights,
                               const int16_t* unweights, const int16_t* starts,
                               const int16_t* weight_starts, const int16_t* widths,
                               uint64_t* output, int32_t channels);

#endif
