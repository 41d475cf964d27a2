/* Energies added up in bands that overlap: variant with M-profile vector instructions. */
#ifndef FW_SIGNAL_FILTER_BANK_U32_MVE_H
#define FW_SIGNAL_FILTER_BANK_U32_MVE_H

#include <stdint.h>

/* As fw_signal_filter_bank_u32, with weights that are not negative. */
void fw_signal_filter_bank_u32_mve(const uint32_t* input, const int16_t* weights,
                                   const int16_t* unweights, const int16_t* starts,
                                   const int16_t* weight_starts, const int16_t* widths,
                                   uint64_t* output, int32_t channels);

#endif
