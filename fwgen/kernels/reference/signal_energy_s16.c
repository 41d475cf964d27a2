/* out = real * real + imaginary * imaginary: 8 instructions per output. */
#include "signal_energy_s16.h"

void fw_signal_energy_s16(const int16_t* input, uint32_t* output, int32_t count, int32_t first,
                          int32_t end) {
  for (int32_t i = 0; i < count; i++) {
    output[i] = 0;
    if (i < first || i >= end) continue;
    const int32_t real = input[2 * i], imaginary = input[2 * i + 1];
    output[i] = (uint32_t)(real * real) + (uint32_t)(imaginary * imaginary);
  }
}
