/* The body of fourier_begin.h's stages of radices 3 and 5, whose includer chooses the type. Radix
 * 3: f0 + a + b, and f0 - (a + b) / 2 -+ i sin (a - b). Radix 5 likewise has cosines and sines of 2
 * pi / 5 and 4 pi / 5. About 80 instructions per point of int16.
 */
#include "fourier_begin.h"

static inline void FW_TYPED(join_three)(FW_POINT* f, const FW_POINT* roots, int32_t size,
                                        int32_t step) {
  const FW_ELEMENT sine = roots[size * step].imaginary;
  for (int32_t k = 0; k < size; k++) {
    const FW_POINT first = FW_TYPED(point_part)(f[k], 3);
    const FW_POINT a =
        FW_TYPED(point_product)(FW_TYPED(point_part)(f[size + k], 3), roots[k * step]);
    const FW_POINT b =
        FW_TYPED(point_product)(FW_TYPED(point_part)(f[2 * size + k], 3), roots[2 * k * step]);
    const FW_POINT total = FW_TYPED(point_sum)(a, b);
    const FW_POINT half = {FW_HALF(total.real), FW_HALF(total.imaginary)};
    const FW_POINT middle = FW_TYPED(point_difference)(first, half);
    const FW_POINT side =
        FW_TYPED(point_turned)(FW_TYPED(point_scaled)(FW_TYPED(point_difference)(a, b), sine));
    f[k] = FW_TYPED(point_sum)(first, total);
    f[size + k] = FW_TYPED(point_difference)(middle, side);
    f[2 * size + k] = FW_TYPED(point_sum)(middle, side);
  }
}

/* (first + a * x) + b * y, with real x and y. */
static inline FW_POINT FW_TYPED(two_scaled)(FW_POINT first, FW_POINT a, FW_ELEMENT x, FW_POINT b,
                                            FW_ELEMENT y) {
  return FW_TYPED(point_sum)(FW_TYPED(point_sum)(first, FW_TYPED(point_scaled)(a, x)),
                             FW_TYPED(point_scaled)(b, y));
}

/* Point k of spectrum j of five, which are not kept in an array: GCC would take instructions of MVE
 * for their products that do not round these. */
static inline FW_POINT FW_TYPED(fifth_turned)(const FW_POINT* f, const FW_POINT* roots,
                                              int32_t size, int32_t step, int32_t k, int32_t j) {
  return FW_TYPED(point_product)(FW_TYPED(point_part)(f[j * size + k], 5), roots[j * k * step]);
}

static inline void FW_TYPED(join_five)(FW_POINT* f, const FW_POINT* roots, int32_t size,
                                       int32_t step) {
  const FW_POINT near = roots[size * step], far = roots[2 * size * step];
  for (int32_t k = 0; k < size; k++) {
    const FW_POINT first = FW_TYPED(point_part)(f[k], 5);
    const FW_POINT a = FW_TYPED(fifth_turned)(f, roots, size, step, k, 1);
    const FW_POINT b = FW_TYPED(fifth_turned)(f, roots, size, step, k, 2);
    const FW_POINT c = FW_TYPED(fifth_turned)(f, roots, size, step, k, 3);
    const FW_POINT d = FW_TYPED(fifth_turned)(f, roots, size, step, k, 4);
    const FW_POINT outer = FW_TYPED(point_sum)(a, d);
    const FW_POINT inner = FW_TYPED(point_sum)(b, c);
    const FW_POINT outward = FW_TYPED(point_difference)(a, d);
    const FW_POINT inward = FW_TYPED(point_difference)(b, c);
    const FW_POINT one = FW_TYPED(two_scaled)(first, outer, near.real, inner, far.real);
    const FW_POINT two = FW_TYPED(two_scaled)(first, outer, far.real, inner, near.real);
    const FW_POINT beside =
        FW_TYPED(point_sum)(FW_TYPED(point_turned)(FW_TYPED(point_scaled)(outward, near.imaginary)),
                            FW_TYPED(point_turned)(FW_TYPED(point_scaled)(inward, far.imaginary)));
    const FW_POINT aside = FW_TYPED(point_difference)(
        FW_TYPED(point_turned)(FW_TYPED(point_scaled)(inward, near.imaginary)),
        FW_TYPED(point_turned)(FW_TYPED(point_scaled)(outward, far.imaginary)));
    f[k] = FW_TYPED(point_sum)(first, FW_TYPED(point_sum)(outer, inner));
    f[size + k] = FW_TYPED(point_difference)(one, beside);
    f[2 * size + k] = FW_TYPED(point_sum)(two, aside);
    f[3 * size + k] = FW_TYPED(point_difference)(two, aside);
    f[4 * size + k] = FW_TYPED(point_sum)(one, beside);
  }
}

static inline void FW_TYPED(join_odd)(FW_ELEMENT* f, const FW_ELEMENT* roots, int32_t size,
                                      int32_t step, int32_t radix) {
  FW_POINT* points = (FW_POINT*)f;
  if (radix == 3) {
    FW_TYPED(join_three)(points, (const FW_POINT*)roots, size, step);
  } else {
    FW_TYPED(join_five)(points, (const FW_POINT*)roots, size, step);
  }
}
#include "fourier_end.h"
