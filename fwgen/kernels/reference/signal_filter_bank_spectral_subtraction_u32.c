/* noise = (signal * smoothing + noise * one_minus_smoothing) / 2^bits, of the signal with
 * smoothing_bits more bits; out = the greater one of signal - noise and a share of the signal.
 * 40 instructions per channel.
 */
#include "signal_filter_bank_spectral_subtraction_u32.h"

void fw_signal_filter_bank_spectral_subtraction_u32(const fw_signal_subtraction_params* p,
                                                    const uint32_t* input, uint32_t* output,
                                                    uint32_t* noise) {
  for (int32_t i = 0; i < p->channels; i++) {
    const uint32_t signal = input[i] << p->smoothing_bits;
    const uint64_t smoothed = (uint64_t)signal * (uint32_t)p->smoothing[i & 1] +
                              (uint64_t)noise[i] * (uint32_t)p->one_minus_smoothing[i & 1];
    const uint32_t estimate = (uint32_t)(smoothed >> p->bits);
    const uint32_t removed = estimate > signal ? signal : estimate;
    const uint32_t least = (uint32_t)(((uint64_t)input[i] * (uint32_t)p->least) >> p->bits);
    const uint32_t left = (signal - removed) >> p->smoothing_bits;
    noise[i] = p->clamping ? removed : estimate;
    output[i] = left > least ? left : least;
  }
}
