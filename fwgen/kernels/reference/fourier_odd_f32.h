/* Stages of radices 3 and 5 of Fourier transforms of floats: reference variant. */
#ifndef FW_FOURIER_ODD_F32_H
#define FW_FOURIER_ODD_F32_H

#include <stdint.h>

/* Joins as many spectra of `size` points as the radix, one after the other at f (radix * size, 2);
 * roots (points, 2) are those of all points, `step` apart. */
void fw_fourier_odd_f32(float* f, const float* roots, int32_t size, int32_t step, int32_t radix);

#endif
