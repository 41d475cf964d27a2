/* irfft_rows.h on int16 numbers. */
#include "signal_irfft_s16.h"

#define FW_FOURIER_S16
#include "irfft_rows.h"

void fw_signal_irfft_s16(const fw_fourier_params* p, const int16_t* input, const uint16_t* order,
                         const int16_t* roots, const int16_t* halves,
                         void (*join)(int16_t*, const int16_t*, int32_t, int32_t, int32_t),
                         int16_t* output, int16_t* work) {
  irfft_rows_s16(p, input, order, roots, halves, join, output, work);
}
