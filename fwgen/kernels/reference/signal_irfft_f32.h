/* Real samples of spectra, of floats: reference variant. */
#ifndef FW_SIGNAL_IRFFT_F32_H
#define FW_SIGNAL_IRFFT_F32_H

#include "fourier_params.h"

/* input (rows, points + 1, 2), output (rows, 2 * points), work (points, 2). Complex numbers are
 * pairs of real and imaginary part. order (points) says which sample is where before the first
 * stage; roots (points, 2) are exp(2 pi i k / points); halves (points / 2, 2) are
 * exp(pi i ((k + 1) / points + 1 / 2)). join is fw_fourier_odd_f32, or null without radices 3 and
 * 5. */
void fw_signal_irfft_f32(const fw_fourier_params* p, const float* input, const uint16_t* order,
                         const float* roots, const float* halves,
                         void (*join)(float*, const float*, int32_t, int32_t, int32_t),
                         float* output, float* work);

#endif
