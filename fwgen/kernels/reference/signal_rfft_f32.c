/* rfft_rows.h on floats. */
#include "signal_rfft_f32.h"

#define FW_FOURIER_F32
#include "rfft_rows.h"

void fw_signal_rfft_f32(const fw_fourier_params* p, const float* input, const uint16_t* order,
                        const float* roots, const float* halves,
                        void (*join)(float*, const float*, int32_t, int32_t, int32_t),
                        float* output, float* work) {
  rfft_rows_f32(p, input, order, roots, halves, join, output, work);
}
