/* Pairs of samples are complex points. Each stage joins as many spectra as its radix, of which it
 * first divides the points of integers by the radix, and turns all but the first by roots of 1. The
 * names in capitals are those of fourier_begin.h. About 60 instructions per point and stage of
 * int16.
 */
#include "fourier_begin.h"

#if defined FW_FOURIER_S16 && !defined FW_STAGES_OF_S16
#define FW_STAGES_OF_S16
#define FW_STAGES_ARE_NEW
#elif defined FW_FOURIER_S32 && !defined FW_STAGES_OF_S32
#define FW_STAGES_OF_S32
#define FW_STAGES_ARE_NEW
#elif defined FW_FOURIER_F32 && !defined FW_STAGES_OF_F32
#define FW_STAGES_OF_F32
#define FW_STAGES_ARE_NEW
#endif

#ifdef FW_STAGES_ARE_NEW
#undef FW_STAGES_ARE_NEW

/* Joins spectra of `size` points, one after the other, for radices 3 and 5; roots are `step` apart.
 */
typedef void FW_TYPED(join_others)(FW_ELEMENT* f, const FW_ELEMENT* roots, int32_t size,
                                   int32_t step, int32_t radix);

static inline void FW_TYPED(join_two)(FW_POINT* f, const FW_POINT* roots, int32_t size,
                                      int32_t step) {
  for (int32_t k = 0; k < size; k++) {
    const FW_POINT a = FW_TYPED(point_part)(f[k], 2);
    const FW_POINT b =
        FW_TYPED(point_product)(FW_TYPED(point_part)(f[size + k], 2), roots[k * step]);
    f[k] = FW_TYPED(point_sum)(a, b);
    f[size + k] = FW_TYPED(point_difference)(a, b);
  }
}

static inline void FW_TYPED(join_four)(FW_POINT* f, const FW_POINT* roots, int32_t size,
                                       int32_t step, int32_t inverse) {
  for (int32_t k = 0; k < size; k++) {
    FW_POINT part[4];
    for (int32_t j = 0; j < 4; j++) part[j] = FW_TYPED(point_part)(f[j * size + k], 4);
    const FW_POINT a = FW_TYPED(point_product)(part[1], roots[k * step]);
    const FW_POINT b = FW_TYPED(point_product)(part[2], roots[2 * k * step]);
    const FW_POINT c = FW_TYPED(point_product)(part[3], roots[3 * k * step]);
    const FW_POINT even = FW_TYPED(point_sum)(part[0], b);
    const FW_POINT odd = FW_TYPED(point_difference)(part[0], b);
    const FW_POINT outer = FW_TYPED(point_sum)(a, c);
    const FW_POINT inner = FW_TYPED(point_turned)(FW_TYPED(point_difference)(a, c));
    f[k] = FW_TYPED(point_sum)(even, outer);
    f[2 * size + k] = FW_TYPED(point_difference)(even, outer);
    f[(inverse ? 3 : 1) * size + k] = FW_TYPED(point_sum)(odd, inner);
    f[(inverse ? 1 : 3) * size + k] = FW_TYPED(point_difference)(odd, inner);
  }
}

/* The transform of points that are in the order of the first stage. `others` joins for radices 3
 * and 5, if there are any. */
static inline void FW_TYPED(fourier)(const fw_fourier_params* p, FW_POINT* f, const FW_POINT* roots,
                                     FW_TYPED(join_others) * others, int32_t inverse) {
  int32_t size = 1;
  for (const int32_t* radix = p->radices; size < p->points; radix++) {
    const int32_t joined = size * *radix, step = p->points / joined;
    for (int32_t at = 0; at < p->points; at += joined) {
      if (*radix == 4) {
        FW_TYPED(join_four)(f + at, roots, size, step, inverse);
      } else if (*radix == 2) {
        FW_TYPED(join_two)(f + at, roots, size, step);
      } else {
        others((FW_ELEMENT*)(f + at), (const FW_ELEMENT*)roots, size, step, *radix);
      }
    }
    size = joined;
  }
}
#endif
