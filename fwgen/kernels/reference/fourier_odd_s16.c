/* fourier_odd.h on int16 numbers. */
#include "fourier_odd_s16.h"

#define FW_FOURIER_S16
#include "fourier_odd.h"

void fw_fourier_odd_s16(int16_t* f, const int16_t* roots, int32_t size, int32_t step,
                        int32_t radix) {
  join_odd_s16(f, roots, size, step, radix);
}
