/* Pairs of samples are complex points. Stages of 4, and at first one of 2 where the points are no
 * power of 4, divide by as many before they add up, so that no sum is too large; each product and
 * division is rounded to the nearest, halves up, and all wraps at 16 bits: as KISS FFT does it in
 * 16 bits, which TFLM uses. About 60 instructions per point and stage.
 */
#include "signal_rfft_s16.h"

typedef struct {
  int16_t real, imaginary;
} fft_point;

static int16_t fft_rounded(int32_t x) { return (int16_t)((x + (1 << 14)) >> 15); }

/* x / parts. */
static fft_point fft_part_of(fft_point x, int32_t parts) {
  const int32_t share = INT16_MAX / parts;
  return (fft_point){fft_rounded(x.real * share), fft_rounded(x.imaginary * share)};
}

static fft_point fft_sum(fft_point a, fft_point b) {
  return (fft_point){(int16_t)(a.real + b.real), (int16_t)(a.imaginary + b.imaginary)};
}

static fft_point fft_difference(fft_point a, fft_point b) {
  return (fft_point){(int16_t)(a.real - b.real), (int16_t)(a.imaginary - b.imaginary)};
}

static fft_point fft_product(fft_point a, fft_point b) {
  return (fft_point){fft_rounded(a.real * b.real - a.imaginary * b.imaginary),
                     fft_rounded(a.real * b.imaginary + a.imaginary * b.real)};
}

/* Joins two spectra of `size` points, one after the other; roots are `step` apart. */
static void join_two(fft_point* f, const fft_point* roots, int32_t size, int32_t step) {
  for (int32_t k = 0; k < size; k++) {
    const fft_point a = fft_part_of(f[k], 2),
                    b = fft_product(fft_part_of(f[size + k], 2), roots[k * step]);
    f[k] = fft_sum(a, b);
    f[size + k] = fft_difference(a, b);
  }
}

/* The same of four. */
static void join_four(fft_point* f, const fft_point* roots, int32_t size, int32_t step) {
  for (int32_t k = 0; k < size; k++) {
    const fft_point first = fft_part_of(f[k], 4);
    const fft_point a = fft_product(fft_part_of(f[size + k], 4), roots[k * step]);
    const fft_point b = fft_product(fft_part_of(f[2 * size + k], 4), roots[2 * k * step]);
    const fft_point c = fft_product(fft_part_of(f[3 * size + k], 4), roots[3 * k * step]);
    const fft_point even = fft_sum(first, b), odd = fft_difference(first, b);
    const fft_point outer = fft_sum(a, c), inner = fft_difference(a, c);
    f[k] = fft_sum(even, outer);
    f[2 * size + k] = fft_difference(even, outer);
    f[size + k] = fft_sum(odd, (fft_point){inner.imaginary, (int16_t)-inner.real});
    f[3 * size + k] = fft_sum(odd, (fft_point){(int16_t)-inner.imaginary, inner.real});
  }
}

static void fft_transform(fft_point* f, const fft_point* roots, int32_t points) {
  int32_t size = 1;
  while (size * size < points) size *= 2;
  const int32_t radix = size * size == points ? 4 : 2; /* of the first stage */
  for (size = 1; size < points;) {
    const int32_t joined = size == 1 ? radix : 4, step = points / (size * joined);
    for (int32_t at = 0; at < points; at += size * joined) {
      if (joined == 4) {
        join_four(f + at, roots, size, step);
      } else {
        join_two(f + at, roots, size, step);
      }
    }
    size *= joined;
  }
}

/* The spectrum of the samples out of that of their pairs. */
static void fft_split(const fft_point* f, const fft_point* halves, int32_t points,
                      fft_point* output) {
  const fft_point whole = fft_part_of(f[0], 2);
  output[0] = (fft_point){(int16_t)(whole.real + whole.imaginary), 0};
  output[points] = (fft_point){(int16_t)(whole.real - whole.imaginary), 0};
  for (int32_t k = 1; k <= points / 2; k++) {
    const fft_point a = fft_part_of(f[k], 2), mirror = f[points - k];
    const fft_point b = fft_part_of((fft_point){mirror.real, (int16_t)-mirror.imaginary}, 2);
    const fft_point even = fft_sum(a, b), odd = fft_product(fft_difference(a, b), halves[k - 1]);
    output[k] = (fft_point){(int16_t)((even.real + odd.real) >> 1),
                            (int16_t)((even.imaginary + odd.imaginary) >> 1)};
    output[points - k] = (fft_point){(int16_t)((even.real - odd.real) >> 1),
                                     (int16_t)((odd.imaginary - even.imaginary) >> 1)};
  }
}

void fw_signal_rfft_s16(const fw_signal_rfft_params* p, const int16_t* input, const uint16_t* order,
                        const int16_t* roots, const int16_t* halves, int16_t* output,
                        int16_t* work) {
  fft_point* f = (fft_point*)work;
  for (int32_t r = 0; r < p->rows; r++) {
    for (int32_t k = 0; k < p->points; k++) {
      const int32_t at = 2 * order[k];
      f[k].real = at < p->samples ? input[at] : 0;
      f[k].imaginary = at + 1 < p->samples ? input[at + 1] : 0;
    }
    fft_transform(f, (const fft_point*)roots, p->points);
    fft_split(f, (const fft_point*)halves, p->points, (fft_point*)output);
    input += p->samples;
    output += 2 * (p->points + 1);
  }
}
