/* Depthwise convolution by planes of halfwords: dsp_depthwise.h. */
#if defined(__GNUC__) && !defined(__clang__)
/* Filling planes is a fifth of the time. */
#pragma GCC optimize("O2")
#endif

#include "depthwise_planes_s8_dsp.h"

#include "depthwise_strips.h"

/* A word of each of the planes, from four channels of two neighbours. */
static inline void put_pair(uint32_t* to, uint32_t low, uint32_t high) {
  uint32_t first, second, third;
  __asm__(
      "sxtb16 %[second], %[low]\n"
      "sxtb16 %[third], %[high]\n"
      "sxtb16 %[low], %[low], ror #8\n"
      "sxtb16 %[high], %[high], ror #8\n"
      "pkhbt %[first], %[second], %[third], lsl #16\n"
      "pkhtb %[third], %[third], %[second], asr #16\n"
      "pkhbt %[second], %[low], %[high], lsl #16\n"
      "pkhtb %[high], %[high], %[low], asr #16\n"
      : [first] "=&r"(first), [second] "=&r"(second), [third] "=&r"(third), [low] "+&r"(low),
        [high] "+&r"(high));
  to[0] = first;
  to[FW_PLANE_LINES] = second;
  to[2 * FW_PLANE_LINES] = third;
  to[3 * FW_PLANE_LINES] = high;
}

/* The same of `pairs` pairs, at least one, whose channels are `bytes` apart. */
static inline void put_pairs(uint32_t* to, const int8_t* from, int32_t bytes, int32_t pairs) {
  uint32_t low, high, first, second, third;
  __asm__ volatile(
      "1:\n"
      "ldr %[low], [%[from]]\n"
      "ldr %[high], [%[from], %[bytes]]\n"
      "add %[from], %[from], %[bytes], lsl #1\n"
      "sxtb16 %[second], %[low]\n"
      "sxtb16 %[third], %[high]\n"
      "sxtb16 %[low], %[low], ror #8\n"
      "sxtb16 %[high], %[high], ror #8\n"
      "subs %[pairs], %[pairs], #1\n"
      "pkhbt %[first], %[second], %[third], lsl #16\n"
      "pkhtb %[third], %[third], %[second], asr #16\n"
      "pkhbt %[second], %[low], %[high], lsl #16\n"
      "pkhtb %[high], %[high], %[low], asr #16\n"
      "str %[second], [%[to], %[b]]\n"
      "str %[third], [%[to], %[c]]\n"
      "str %[high], [%[to], %[d]]\n"
      "str %[first], [%[to]], %[word]\n"
      "bne 1b\n"
      : [low] "=&r"(low), [high] "=&r"(high), [first] "=&r"(first), [second] "=&r"(second),
        [third] "=&r"(third), [to] "+&r"(to), [from] "+&r"(from), [pairs] "+&r"(pairs)
      : [bytes] "r"(bytes), [b] "i"(4 * FW_PLANE_LINES), [c] "i"(8 * FW_PLANE_LINES),
        [d] "i"(12 * FW_PLANE_LINES), [word] "i"(4 * FW_PLANE_WORD)
      : "cc", "memory");
}

static inline uint32_t four_channels(const int8_t* from) {
  uint32_t word;
  __builtin_memcpy(&word, from, sizeof word);
  return word;
}

/* Inputs of `lines` lines, `inside` in each. The word before `to` has a neighbour that is
 * padding if `shared`, and so has the last one if it lacks a neighbour. */
static void put_inputs(uint32_t* to, const int8_t* from, const fw_plane_inputs* along,
                       int32_t line_bytes, int32_t lines, int32_t inside, int32_t shared,
                       uint32_t pad) {
  const int32_t bytes = along->bytes, pairs = (inside - shared) / 2;
  const int8_t* const second = from + shared * bytes;
  if (shared) {
    for (int32_t i = 0; i < lines; i++) {
      put_pair(to + i, pad, four_channels(from + i * line_bytes));
    }
    to += FW_PLANE_WORD;
  }
  if (pairs > 0) {
    for (int32_t i = 0; i < lines; i++) put_pairs(to + i, second + i * line_bytes, bytes, pairs);
  }
  if ((inside - shared) & 1) {
    to += pairs * FW_PLANE_WORD;
    from = second + 2 * pairs * bytes;
    for (int32_t i = 0; i < lines; i++) {
      put_pair(to + i, four_channels(from + i * line_bytes), pad);
    }
  }
}

/* Padding of `lines` lines, for so many inputs of each. */
static void put_pad(uint32_t* to, int32_t lines, int32_t count, uint32_t pad) {
  uint32_t pair;
  __asm__("sxtb16 %[pair], %[pad]\n" : [pair] "=r"(pair) : [pad] "r"(pad));
  for (; count > 0; count -= 2, to += FW_PLANE_WORD) {
    for (int32_t i = 0; i < lines; i++) {
      for (int32_t k = 0; k < 4; k++) to[i + k * FW_PLANE_LINES] = pair;
    }
  }
}

static void fill_words(uint8_t* bytes, const int8_t* image, const fw_plane_inputs* along,
                       const fw_plane_inputs* across, int32_t pad_value, int32_t padded) {
  uint32_t* const planes = (uint32_t*)(void*)bytes;
  const uint32_t pad = (uint8_t)pad_value * 0x01010101u;
  const int32_t left = fw_inputs_before(along), length = fw_inputs_inside(along);
  const int32_t top = fw_inputs_before(across), lines = fw_inputs_inside(across);
  const int32_t words = (left + length + 1) / 2;
  const int8_t* const from =
      image + (across->first + top) * across->bytes + (along->first + left) * along->bytes;

  put_inputs(planes + top + left / 2 * FW_PLANE_WORD, from, along, across->bytes, lines, length,
             left & 1, pad);
  if (padded) return;
  put_pad(planes, top, along->count, pad);
  put_pad(planes + top + lines, across->count - top - lines, along->count, pad);
  put_pad(planes + top, lines, left & ~1, pad);
  put_pad(planes + top + words * FW_PLANE_WORD, lines, along->count - 2 * words, pad);
}

void fw_depthwise_planes_s8_dsp(const fw_depthwise_planes_params* p, const int8_t* input,
                                const int32_t* records, fw_depthwise_plane* kernel,
                                uint8_t* scratch, int8_t* output) {
  const fw_plane_sizes bytes = {.value = 1, .plane = 4 * FW_PLANE_LINES};
  fw_each_plane(p, input, records, kernel, fill_words, bytes, scratch, output);
}
