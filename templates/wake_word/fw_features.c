/* As MLCommons' reference firmware computes them (streaming_wakeword/.../sww_ref_util_submitter.c,
 * th_compute_lfbe_f32), in 32-bit floats: pre-emphasis x[n] - 31/32 x[n-1], Hamming window, power
 * spectrum over 1024, triangular bands that are equally wide in mel, 10 log10, and from -52 dB to
 * 12 dB as 0 to 1. */
#include "fw_features.h"

#define HALF (FW_WINDOW / 2u)
#define EMPHASIS (31.0f / 32.0f)
#define LEAST 1e-30f /* so that the logarithm is finite */
#define OFFSET_DB 52.0f
#define RANGE_DB 64.0f

typedef struct {
  float re, im;
} complex_number;

static complex_number spectrum[HALF];

/* e^(-2 pi sqrt(-1) i / 1024) for i from 0 to 511: the sine is the cosine a quarter later. */
static complex_number turned(uint32_t i) {
  const complex_number w = {
      fw_features_cosine[i],
      -fw_features_cosine[i < HALF / 2u ? HALF / 2u - i : i - HALF / 2u],
  };
  return w;
}

static complex_number times(complex_number a, complex_number b) {
  const complex_number product = {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
  return product;
}

static uint32_t reversed(uint32_t i) {
  uint32_t r = 0;
  for (uint32_t bit = 1; bit < HALF; bit <<= 1) r = r << 1 | ((i & bit) != 0);
  return r;
}

/* 512 complex values in place: Cooley and Tukey, radix 2. */
static void transform(void) {
  for (uint32_t i = 0; i < HALF; i++) {
    const uint32_t j = reversed(i);
    if (j > i) {
      const complex_number kept = spectrum[i];
      spectrum[i] = spectrum[j];
      spectrum[j] = kept;
    }
  }
  for (uint32_t half = 1; half < HALF; half *= 2u) {
    for (uint32_t first = 0; first < HALF; first += 2u * half) {
      for (uint32_t j = 0; j < half; j++) {
        complex_number* const a = &spectrum[first + j];
        complex_number* const b = a + half;
        const complex_number t = times(*b, turned(j * (HALF / half)));
        b->re = a->re - t.re;
        b->im = a->im - t.im;
        a->re += t.re;
        a->im += t.im;
      }
    }
  }
}

/* The power of a frequency of 1024 real values, which went as 512 complex ones into the transform:
 * X[k] = (Z[k] + Z*[-k]) / 2 - sqrt(-1) w^k (Z[k] - Z*[-k]) / 2, indices modulo 512. */
static float power(uint32_t k) {
  const complex_number a = spectrum[k % HALF], b = spectrum[(HALF - k) % HALF];
  const complex_number even = {0.5f * (a.re + b.re), 0.5f * (a.im - b.im)};
  const complex_number odd = {0.5f * (a.im + b.im), -0.5f * (a.re - b.re)};
  complex_number x = {even.re - odd.re, even.im - odd.im}; /* of k = 512, where w^k is -1 */
  if (k < HALF) {
    const complex_number t = times(odd, turned(k));
    x.re = even.re + t.re;
    x.im = even.im + t.im;
  }
  return (x.re * x.re + x.im * x.im) * (1.0f / (float)FW_WINDOW);
}

/* 10 log10 of a positive normal number: of its exponent, and of its fraction m, from 0.7 to 1.4, by
 * ln m = 2 artanh s = 2 (s + s^3 / 3 + s^5 / 5 + ...) with s = (m - 1) / (m + 1) below 0.18. */
static float decibels(float x) {
  union {
    float real;
    uint32_t bits;
  } view = {.real = x};
  int32_t exponent = (int32_t)(view.bits >> 23) - 127;
  view.bits = (view.bits & 0x7FFFFFu) | 0x3F800000u;
  if (view.real > 1.41421356f) {
    view.real *= 0.5f;
    exponent++;
  }
  const float s = (view.real - 1.0f) / (view.real + 1.0f), q = s * s;
  const float log =
      2.0f * s * (1.0f + q * (1.0f / 3.0f + q * (0.2f + q * (1.0f / 7.0f + q * (1.0f / 9.0f)))));
  return 4.34294482f * ((float)exponent * 0.693147181f + log);
}

static void fill(int16_t before, const int16_t* window) {
  float last = (float)before / 32768.0f;
  for (uint32_t i = 0; i < FW_WINDOW; i++) {
    const float x = (float)window[i] / 32768.0f;
    const float weight = fw_features_hamming[i < HALF ? i : FW_WINDOW - 1u - i];
    float* const place = i % 2u ? &spectrum[i / 2u].im : &spectrum[i / 2u].re;
    *place = (x - EMPHASIS * last) * weight;
    last = x;
  }
}

void fw_features(int16_t before, const int16_t window[FW_WINDOW], float features[FW_FEATURES]) {
  fill(before, window);
  transform();
  for (uint32_t i = 0; i < FW_FEATURES; i++) features[i] = 0.0f;
  for (uint32_t k = 1; k <= HALF; k++) { /* the constant part is in no band */
    const float p = power(k), place = fw_features_band[k];
    const uint32_t below = (uint32_t)place; /* the band that rises here is number `below` */
    const float part = place - (float)below;
    if (below < FW_FEATURES) features[below] += part * p;
    if (below > 0 && below <= FW_FEATURES) features[below - 1u] += (1.0f - part) * p;
  }
  for (uint32_t i = 0; i < FW_FEATURES; i++) {
    const float level = decibels(features[i] > LEAST ? features[i] : LEAST);
    const float share = (level + OFFSET_DB) / RANGE_DB;
    features[i] = share < 0.0f ? 0.0f : share > 1.0f ? 1.0f : share;
  }
}
