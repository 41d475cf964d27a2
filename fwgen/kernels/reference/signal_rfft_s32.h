/* Spectra of real samples, of int32 numbers: reference variant. */
#ifndef FW_SIGNAL_RFFT_S32_H
#define FW_SIGNAL_RFFT_S32_H

#include "fourier_params.h"

/* input (rows, samples), output (rows, points + 1, 2), work (points, 2). Complex numbers are pairs
 * of real and imaginary part. order (points) says which sample is where before the first stage;
 * roots (points, 2) are exp(-2 pi i k / points); halves (points / 2, 2) are
 * exp(-pi i ((k + 1) / points + 1 / 2)). join is fw_fourier_odd_s32, or null without radices 3 and
 * 5. */
void fw_signal_rfft_s32(const fw_fourier_params* p, const int32_t* input, const uint16_t* order,
                        const int32_t* roots, const int32_t* halves,
                        void (*join)(int32_t*, const int32_t*, int32_t, int32_t, int32_t),
                        int32_t* output, int32_t* work);

#endif
