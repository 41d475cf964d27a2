/* fourier_odd.h on floats. */
#include "fourier_odd_f32.h"

#define FW_FOURIER_F32
#include "fourier_odd.h"

void fw_fourier_odd_f32(float* f, const float* roots, int32_t size, int32_t step, int32_t radix) {
  join_odd_f32(f, roots, size, step, radix);
}
