/* Spectra of real samples of int16, of powers of 2: variant with M-profile vector instructions. */
#ifndef FW_SIGNAL_RFFT_S16_MVE_H
#define FW_SIGNAL_RFFT_S16_MVE_H

#include <stdint.h>

typedef struct {
  int32_t rows;
  int32_t samples; /* of a row; what is missing to 2 * points counts as 0 */
  int32_t points;  /* complex ones, a power of 2, from 16 to 2^13 */
} fw_signal_rfft_s16_mve_params;

/* input (rows, samples), output (rows, points + 1, 2), work (points, 2), 16-byte aligned.
 *
 * order has two numbers for each butterfly of the first stage: the samples that its first point is
 * made of. Its other points are as many samples apart as there are butterflies, twice. roots has
 * for each later stage, and 4 points of each of 4 spectra that it joins, three vectors: the roots
 * of 1 that turn the second, the third and the fourth. For spectra of 2 points these are of two
 * butterflies. halves is as of fw_signal_rfft_s16. */
void fw_signal_rfft_s16_mve(const fw_signal_rfft_s16_mve_params* p, const int16_t* input,
                            const uint16_t* order, const int16_t* roots, const int16_t* halves,
                            int16_t* output, int16_t* work);

#endif
