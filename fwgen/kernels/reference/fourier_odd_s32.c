/* fourier_odd.h on int32 numbers. */
#include "fourier_odd_s32.h"

#define FW_FOURIER_S32
#include "fourier_odd.h"

void fw_fourier_odd_s32(int32_t* f, const int32_t* roots, int32_t size, int32_t step,
                        int32_t radix) {
  join_odd_s32(f, roots, size, step, radix);
}
