/* Energies less an estimate of the noise in them: reference variant. */
#ifndef FW_SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION_U32_H
#define FW_SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION_U32_H

#include <stdint.h>

typedef struct {
  int32_t channels;
  int32_t smoothing[2], one_minus_smoothing[2]; /* of even and odd channels */
  int32_t least;                                /* share of the signal that always remains */
  int32_t smoothing_bits, bits;
  int32_t clamping;
} fw_signal_subtraction_params;

/* All are of channels; noise is the estimate before and after. output may be input. */
void fw_signal_filter_bank_spectral_subtraction_u32(const fw_signal_subtraction_params* p,
                                                    const uint32_t* input, uint32_t* output,
                                                    uint32_t* noise);

#endif
