/* Depthwise convolution by planes of halfwords: dsp_depthwise.h. For each four channels and each
 * strip of the image the planes are filled, and then each channel is convolved. The last strips
 * are moved back to end with the output.
 */
#if defined(__GNUC__) && !defined(__clang__)
/* Filling planes is a fifth of the time. */
#pragma GCC optimize("O2")
#endif

#include "depthwise_planes_s8_dsp.h"

/* Inputs of a strip along an axis of the image. */
typedef struct {
  int32_t first; /* negative before the image */
  int32_t count;
  int32_t size;  /* of the image */
  int32_t bytes; /* from an input to the next */
} plane_inputs;

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
static void put_inputs(uint32_t* to, const int8_t* from, const plane_inputs* along,
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

/* Of `count` positions from `first` on, those before a range of `size`. */
static inline int32_t before(const plane_inputs* axis) {
  const int32_t outside = axis->first < 0 ? -axis->first : 0;
  return outside < axis->count ? outside : axis->count;
}

/* And those in it. */
static inline int32_t taps_inside(const plane_inputs* axis) {
  const int32_t left = axis->size - axis->first;
  const int32_t end = left < axis->count ? left : axis->count;
  return end - before(axis);
}

/* The planes of a strip, each window of which has an input; `image` begins with the first of the
 * four channels. If `padded`, the words that have nothing but padding are there. */
static void fill_words(uint32_t* planes, const int8_t* image, const plane_inputs* along,
                       const plane_inputs* across, uint32_t pad, int32_t padded) {
  const int32_t left = before(along), length = taps_inside(along);
  const int32_t top = before(across), lines = taps_inside(across);
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

/* The first output of a strip along an axis. */
static inline int32_t place(int32_t at, int32_t strip, int32_t size, int32_t backwards) {
  const int32_t first = at + strip > size ? size - strip : at;
  return backwards ? size - strip - first : first;
}

void fw_depthwise_planes_s8_dsp(const fw_depthwise_planes_s8_dsp_params* p, const int8_t* input,
                                const int32_t* records, fw_depthwise_plane* kernel,
                                uint8_t* scratch, int8_t* output) {
  uint32_t* const planes = (uint32_t*)(void*)scratch;
  const uint32_t pad = (uint8_t)p->pad_value * 0x01010101u;
  const int32_t outputs = p->channels * p->multiplier;
  const int32_t whole = p->strip_h == p->output_h && p->strip_w == p->output_w;
  plane_inputs h = {0, p->inputs_h, p->input_h, p->input_w * p->channels};
  plane_inputs w = {0, p->inputs_w, p->input_w, p->channels};
  int32_t padded = 0;

  for (int32_t b = 0; b < p->batches; b++) {
    for (int32_t c = 0; c < p->channels; c += 4) {
      const int32_t left = p->channels - c, channels = left < 4 ? left : 4;
      for (int32_t i = 0; i < p->output_h; i += p->strip_h) {
        const int32_t y = place(i, p->strip_h, p->output_h, p->backwards);
        h.first = y * p->stride_h - p->pad_top;
        for (int32_t j = 0; j < p->output_w; j += p->strip_w) {
          const int32_t x = place(j, p->strip_w, p->output_w, p->backwards);
          w.first = x * p->stride_w - p->pad_left;
          fill_words(planes, input + c, p->upright ? &h : &w, p->upright ? &w : &h, pad, padded);
          padded = whole;
          int32_t o = c * p->multiplier;
          int8_t* const to = output + (y * p->output_w + x) * outputs;
          for (int32_t k = 0; k < channels; k++) {
            for (int32_t m = 0; m < p->multiplier; m++, o++) {
              kernel(planes + k * FW_PLANE_LINES, to + o, records + o * p->record_words, &p->walk);
            }
          }
        }
      }
    }
    input += p->input_h * p->input_w * p->channels;
    output += p->output_h * p->output_w * outputs;
  }
}
