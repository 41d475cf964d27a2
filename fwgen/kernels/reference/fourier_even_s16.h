/* Of transforms of int16 numbers that have no stage of radix 3 or 5. */
#ifndef FW_FOURIER_EVEN_S16_H
#define FW_FOURIER_EVEN_S16_H

#include <stdint.h>

/* Never called: the bound of the stack wants to know of each pointer where it leads. */
void fw_fourier_even_s16(int16_t* f, const int16_t* roots, int32_t size, int32_t step,
                         int32_t radix);

#endif
