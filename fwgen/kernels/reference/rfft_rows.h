/* Spectra of rows of real samples, whose pairs fourier.h transforms as complex points; the includer
 * chooses the type. About 60 instructions per point and stage of int16, and 80 per point.
 */
#include "fourier.h"

/* The spectrum of the samples out of that of their pairs. */
static inline void FW_TYPED(rfft_split)(const FW_POINT* f, const FW_POINT* halves, int32_t points,
                                        FW_POINT* output) {
  const FW_POINT whole = FW_TYPED(point_part)(f[0], 2);
  output[0] = FW_POINT_OF((FW_WIDE)whole.real + whole.imaginary, 0);
  output[points] = FW_POINT_OF((FW_WIDE)whole.real - whole.imaginary, 0);
  for (int32_t k = 1; k <= points / 2; k++) {
    const FW_POINT a = FW_TYPED(point_part)(f[k], 2);
    const FW_POINT b = FW_TYPED(point_part)(FW_TYPED(point_mirrored)(f[points - k]), 2);
    const FW_POINT even = FW_TYPED(point_sum)(a, b);
    const FW_POINT odd = FW_TYPED(point_product)(FW_TYPED(point_difference)(a, b), halves[k - 1]);
    output[k] = (FW_POINT){FW_HALF((FW_WIDE)even.real + odd.real),
                           FW_HALF((FW_WIDE)even.imaginary + odd.imaginary)};
    output[points - k] = (FW_POINT){FW_HALF((FW_WIDE)even.real - odd.real),
                                    FW_HALF((FW_WIDE)odd.imaginary - even.imaginary)};
  }
}

static inline void FW_TYPED(rfft_rows)(const fw_fourier_params* p, const FW_ELEMENT* input,
                                       const uint16_t* order, const FW_ELEMENT* roots,
                                       const FW_ELEMENT* halves, FW_TYPED(join_others) * join,
                                       FW_ELEMENT* output, FW_ELEMENT* work) {
  FW_POINT* f = (FW_POINT*)work;
  for (int32_t r = 0; r < p->rows; r++) {
    for (int32_t k = 0; k < p->points; k++) {
      const int32_t at = 2 * order[k];
      f[k].real = at < p->samples ? input[at] : 0;
      f[k].imaginary = at + 1 < p->samples ? input[at + 1] : 0;
    }
    FW_TYPED(fourier)(p, f, (const FW_POINT*)roots, join, 0);
    FW_TYPED(rfft_split)(f, (const FW_POINT*)halves, p->points, (FW_POINT*)output);
    input += p->samples;
    output += 2 * (p->points + 1);
  }
}
#include "fourier_end.h"
