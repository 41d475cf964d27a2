/* Rows of real samples of their spectra, out of which fourier.h transforms pairs of samples as
 * complex points; the includer chooses the type. Samples of floats are divided by their number at
 * last. About 60 instructions per point and stage of int16, and 80 per point.
 */
#include "fourier.h"

/* The spectrum of pairs of samples out of that of the samples. */
static inline void FW_TYPED(irfft_merge)(const FW_POINT* input, const FW_POINT* halves,
                                         int32_t points, FW_POINT* f) {
  const FW_WIDE first = input[0].real, last = input[points].real;
  f[0] = FW_TYPED(point_part)(FW_POINT_OF(first + last, first - last), 2);
  for (int32_t k = 1; k <= points / 2; k++) {
    const FW_POINT a = FW_TYPED(point_part)(input[k], 2);
    const FW_POINT b = FW_TYPED(point_part)(FW_TYPED(point_mirrored)(input[points - k]), 2);
    const FW_POINT even = FW_TYPED(point_sum)(a, b);
    const FW_POINT odd = FW_TYPED(point_product)(FW_TYPED(point_difference)(a, b), halves[k - 1]);
    f[k] = FW_TYPED(point_sum)(even, odd);
    f[points - k] = FW_TYPED(point_mirrored)(FW_TYPED(point_difference)(even, odd));
  }
}

static inline void FW_TYPED(irfft_rows)(const fw_fourier_params* p, const FW_ELEMENT* input,
                                        const uint16_t* order, const FW_ELEMENT* roots,
                                        const FW_ELEMENT* halves, FW_TYPED(join_others) * join,
                                        FW_ELEMENT* output, FW_ELEMENT* work) {
  const int32_t points = p->points;
  for (int32_t r = 0; r < p->rows; r++) {
    FW_POINT* f = (FW_POINT*)output;
    FW_TYPED(irfft_merge)((const FW_POINT*)input, (const FW_POINT*)halves, points, (FW_POINT*)work);
    for (int32_t k = 0; k < points; k++) f[k] = ((const FW_POINT*)work)[order[k]];
    FW_TYPED(fourier)(p, f, (const FW_POINT*)roots, join, 1);
#if !defined FW_SHARE
    for (int32_t i = 0; i < 2 * points; i++) output[i] /= (float)(2 * points);
#endif
    input += 2 * (points + 1);
    output += 2 * points;
  }
}
#include "fourier_end.h"
