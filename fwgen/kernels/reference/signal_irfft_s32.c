/* irfft_rows.h on int32 numbers. */
#include "signal_irfft_s32.h"

#define FW_FOURIER_S32
#include "irfft_rows.h"

void fw_signal_irfft_s32(const fw_fourier_params* p, const int32_t* input, const uint16_t* order,
                         const int32_t* roots, const int32_t* halves,
                         void (*join)(int32_t*, const int32_t*, int32_t, int32_t, int32_t),
                         int32_t* output, int32_t* work) {
  irfft_rows_s32(p, input, order, roots, halves, join, output, work);
}
