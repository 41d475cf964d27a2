/* The spectrum of real samples, in 16 bits: reference variant. */
#ifndef FW_SIGNAL_RFFT_S16_H
#define FW_SIGNAL_RFFT_S16_H

#include <stdint.h>

typedef struct {
  int32_t rows;
  int32_t samples; /* of a row; what is missing to 2 * points counts as 0 */
  int32_t points;  /* complex ones, a power of 2, at least 2 */
} fw_signal_rfft_params;

/* input (rows, samples), output (rows, points + 1, 2), work (points, 2). Complex numbers are pairs
 * of real and imaginary part, in units of 2^-15. order (points) says which sample is where before
 * the first stage; roots (points, 2) are exp(-2 pi i k / points); halves (points / 2, 2) are
 * exp(-pi i ((k + 1) / points + 1 / 2)). */
void fw_signal_rfft_s16(const fw_signal_rfft_params* p, const int16_t* input, const uint16_t* order,
                        const int16_t* roots, const int16_t* halves, int16_t* output,
                        int16_t* work);

#endif
