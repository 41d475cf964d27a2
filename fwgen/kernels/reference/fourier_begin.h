/* Arithmetic of complex numbers of the element type that the includer chooses by FW_FOURIER_S16,
 * FW_FOURIER_S32 or FW_FOURIER_F32, as KISS FFT has it, which TFLM uses. Integers are in units of
 * 2^-15 or 2^-31; each product and division is rounded to the nearest, halves up, and all wraps.
 * FW_TYPED makes the name of a function that is only for the type. fourier_end.h forgets all names.
 * One source may include this for a type several times: functions are defined the first time only.
 */
#include "fourier_params.h"

#if defined FW_FOURIER_S16
#define FW_ELEMENT int16_t
#define FW_WIDE int32_t /* of sums and products */
#define FW_ROUNDED(x) ((int16_t)(((x) + (1 << 14)) >> 15))
#define FW_SHARE(parts) (INT16_MAX / (parts))
#define FW_HALF(x) ((int16_t)((x) >> 1))
#define FW_TYPED(name) name##_s16
#elif defined FW_FOURIER_S32
#define FW_ELEMENT int32_t
#define FW_WIDE int64_t
#define FW_ROUNDED(x) ((int32_t)(((x) + (INT64_C(1) << 30)) >> 31))
#define FW_SHARE(parts) (INT32_MAX / (parts))
#define FW_HALF(x) ((int32_t)(x) >> 1)
#define FW_TYPED(name) name##_s32
#else
#define FW_ELEMENT float
#define FW_WIDE float
#define FW_ROUNDED(x) (x)
#define FW_HALF(x) ((x) * 0.5f)
#define FW_TYPED(name) name##_f32
#endif

#define FW_POINT FW_TYPED(fw_point)
#define FW_POINT_OF(real, imaginary) \
  ((FW_POINT){(FW_ELEMENT)((FW_WIDE)(real)), (FW_ELEMENT)((FW_WIDE)(imaginary))})

#if defined FW_FOURIER_S16 && !defined FW_POINTS_OF_S16
#define FW_POINTS_OF_S16
#define FW_POINTS_ARE_NEW
#elif defined FW_FOURIER_S32 && !defined FW_POINTS_OF_S32
#define FW_POINTS_OF_S32
#define FW_POINTS_ARE_NEW
#elif defined FW_FOURIER_F32 && !defined FW_POINTS_OF_F32
#define FW_POINTS_OF_F32
#define FW_POINTS_ARE_NEW
#endif

#ifdef FW_POINTS_ARE_NEW
#undef FW_POINTS_ARE_NEW
typedef struct {
  FW_ELEMENT real, imaginary;
} FW_POINT;

static inline FW_POINT FW_TYPED(point_sum)(FW_POINT a, FW_POINT b) {
  return FW_POINT_OF((FW_WIDE)a.real + b.real, (FW_WIDE)a.imaginary + b.imaginary);
}

static inline FW_POINT FW_TYPED(point_difference)(FW_POINT a, FW_POINT b) {
  return FW_POINT_OF((FW_WIDE)a.real - b.real, (FW_WIDE)a.imaginary - b.imaginary);
}

static inline FW_POINT FW_TYPED(point_product)(FW_POINT a, FW_POINT b) {
  return (FW_POINT){
      FW_ROUNDED((FW_WIDE)a.real * b.real - (FW_WIDE)a.imaginary * b.imaginary),
      FW_ROUNDED((FW_WIDE)a.real * b.imaginary + (FW_WIDE)a.imaginary * b.real),
  };
}

static inline FW_POINT FW_TYPED(point_scaled)(FW_POINT a, FW_ELEMENT factor) {
  return (FW_POINT){FW_ROUNDED((FW_WIDE)a.real * factor),
                    FW_ROUNDED((FW_WIDE)a.imaginary * factor)};
}

/* Of integers a / parts, so that a sum of as many is not too large. */
static inline FW_POINT FW_TYPED(point_part)(FW_POINT a, int32_t parts) {
#if defined FW_SHARE
  return FW_TYPED(point_scaled)(a, (FW_ELEMENT)FW_SHARE(parts));
#else
  (void)parts;
  return a;
#endif
}

/* Times -i. */
static inline FW_POINT FW_TYPED(point_turned)(FW_POINT a) {
  return FW_POINT_OF(a.imaginary, -(FW_WIDE)a.real);
}

/* The conjugate. */
static inline FW_POINT FW_TYPED(point_mirrored)(FW_POINT a) {
  return FW_POINT_OF(a.real, -(FW_WIDE)a.imaginary);
}
#endif
