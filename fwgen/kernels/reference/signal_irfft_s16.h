/* Real samples of spectra, of int16 numbers: reference variant. */
#ifndef FW_SIGNAL_IRFFT_S16_H
#define FW_SIGNAL_IRFFT_S16_H

#include "fourier_params.h"

/* input (rows, points + 1, 2), output (rows, 2 * points), work (points, 2). Complex numbers are
 * pairs of real and imaginary part. order (points) says which sample is where before the first
 * stage; roots (points, 2) are exp(2 pi i k / points); halves (points / 2, 2) are
 * exp(pi i ((k + 1) / points + 1 / 2)). join is fw_fourier_odd_s16, or null without radices 3 and
 * 5. */
void fw_signal_irfft_s16(const fw_fourier_params* p, const int16_t* input, const uint16_t* order,
                         const int16_t* roots, const int16_t* halves,
                         void (*join)(int16_t*, const int16_t*, int32_t, int32_t, int32_t),
                         int16_t* output, int16_t* work);

#endif
