/* Of transforms of int32 numbers that have no stage of radix 3 or 5. */
#ifndef FW_FOURIER_EVEN_S32_H
#define FW_FOURIER_EVEN_S32_H

#include <stdint.h>

/* Never called: the bound of the stack wants to know of each pointer where it leads. */
void fw_fourier_even_s32(int32_t* f, const int32_t* roots, int32_t size, int32_t step,
                         int32_t radix);

#endif
