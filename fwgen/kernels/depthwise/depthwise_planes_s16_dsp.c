/* Depthwise convolution of int16 by planes of halfwords: dsp_depthwise.h. */
#if defined(__GNUC__) && !defined(__clang__)
/* Filling planes is a fifth of the time. */
#pragma GCC optimize("O2")
#endif

#include "depthwise_planes_s16_dsp.h"

#include "depthwise_strips.h"

/* Four channels of an input. */
typedef struct {
  uint32_t low, high;
} channels_s16;

static inline channels_s16 channels_at(const int8_t* from) {
  channels_s16 four;
  __builtin_memcpy(&four, from, sizeof four);
  return four;
}

/* A word of each of the planes, from four channels of two neighbours. */
static inline void put_neighbours(uint32_t* to, channels_s16 even, channels_s16 odd) {
  uint32_t word;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(word) : "r"(even.low), "r"(odd.low));
  to[0] = word;
  __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(word) : "r"(odd.low), "r"(even.low));
  to[FW_PLANE_LINES] = word;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(word) : "r"(even.high), "r"(odd.high));
  to[2 * FW_PLANE_LINES] = word;
  __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(word) : "r"(odd.high), "r"(even.high));
  to[3 * FW_PLANE_LINES] = word;
}

/* The same of `pairs` pairs, at least one, whose channels are `bytes` apart. */
static inline void put_neighbours_of(uint32_t* to, const int8_t* from, int32_t bytes,
                                     int32_t pairs) {
  uint32_t even, odd, even_high, odd_high, word;
  __asm__ volatile(
      "1:\n"
      "ldr %[even], [%[from]]\n"
      "ldr %[even_high], [%[from], #4]\n"
      "add %[from], %[from], %[bytes]\n"
      "ldr %[odd], [%[from]]\n"
      "ldr %[odd_high], [%[from], #4]\n"
      "add %[from], %[from], %[bytes]\n"
      "subs %[pairs], %[pairs], #1\n"
      "pkhbt %[word], %[even], %[odd], lsl #16\n"
      "pkhtb %[odd], %[odd], %[even], asr #16\n"
      "pkhbt %[even], %[even_high], %[odd_high], lsl #16\n"
      "pkhtb %[odd_high], %[odd_high], %[even_high], asr #16\n"
      "str %[odd], [%[to], %[b]]\n"
      "str %[even], [%[to], %[c]]\n"
      "str %[odd_high], [%[to], %[d]]\n"
      "str %[word], [%[to]], %[next]\n"
      "bne 1b\n"
      : [even] "=&r"(even), [odd] "=&r"(odd), [even_high] "=&r"(even_high),
        [odd_high] "=&r"(odd_high), [word] "=&r"(word), [to] "+&r"(to), [from] "+&r"(from),
        [pairs] "+&r"(pairs)
      : [bytes] "r"(bytes), [b] "i"(4 * FW_PLANE_LINES), [c] "i"(8 * FW_PLANE_LINES),
        [d] "i"(12 * FW_PLANE_LINES), [next] "i"(4 * FW_PLANE_WORD)
      : "cc", "memory");
}

/* Inputs of `lines` lines, `inside` in each. The word before `to` has a neighbour that is padding,
 * 0, if `shared`, and so has the last one if it lacks a neighbour. */
static void put_halves(uint32_t* to, const int8_t* from, const fw_plane_inputs* along,
                       int32_t line_bytes, int32_t lines, int32_t inside, int32_t shared) {
  const channels_s16 pad = {0, 0};
  const int32_t bytes = along->bytes, pairs = (inside - shared) / 2;
  const int8_t* const second = from + shared * bytes;
  if (shared) {
    for (int32_t i = 0; i < lines; i++) {
      put_neighbours(to + i, pad, channels_at(from + i * line_bytes));
    }
    to += FW_PLANE_WORD;
  }
  if (pairs > 0) {
    for (int32_t i = 0; i < lines; i++) {
      put_neighbours_of(to + i, second + i * line_bytes, bytes, pairs);
    }
  }
  if ((inside - shared) & 1) {
    to += pairs * FW_PLANE_WORD;
    from = second + 2 * pairs * bytes;
    for (int32_t i = 0; i < lines; i++) {
      put_neighbours(to + i, channels_at(from + i * line_bytes), pad);
    }
  }
}

/* Padding of `lines` lines, for so many inputs of each. */
static void put_zeros(uint32_t* to, int32_t lines, int32_t count) {
  for (; count > 0; count -= 2, to += FW_PLANE_WORD) {
    for (int32_t i = 0; i < lines; i++) {
      for (int32_t k = 0; k < 4; k++) to[i + k * FW_PLANE_LINES] = 0;
    }
  }
}

static void fill_halves(uint8_t* bytes, const int8_t* image, const fw_plane_inputs* along,
                        const fw_plane_inputs* across, int32_t pad_value, int32_t padded) {
  uint32_t* const planes = (uint32_t*)(void*)bytes;
  const int32_t left = fw_inputs_before(along), length = fw_inputs_inside(along);
  const int32_t top = fw_inputs_before(across), lines = fw_inputs_inside(across);
  const int32_t words = (left + length + 1) / 2;
  const int8_t* const from =
      image + (across->first + top) * across->bytes + (along->first + left) * along->bytes;

  (void)pad_value; /* of int16 it is 0 */
  put_halves(planes + top + left / 2 * FW_PLANE_WORD, from, along, across->bytes, lines, length,
             left & 1);
  if (padded) return;
  put_zeros(planes, top, along->count);
  put_zeros(planes + top + lines, across->count - top - lines, along->count);
  put_zeros(planes + top, lines, left & ~1);
  put_zeros(planes + top + words * FW_PLANE_WORD, lines, along->count - 2 * words);
}

void fw_depthwise_planes_s16_dsp(const fw_depthwise_planes_params* p, const int16_t* input,
                                 const int32_t* records, fw_depthwise_plane* kernel,
                                 uint8_t* scratch, int16_t* output) {
  const fw_plane_sizes bytes = {.value = 2, .plane = 4 * FW_PLANE_LINES};
  fw_each_plane(p, (const int8_t*)input, records, kernel, fill_halves, bytes, scratch,
                (int8_t*)output);
}
