/* Depthwise convolution by planes of halfwords: dsp_depthwise.h. For each four channels and each
 * strip of the image the planes are filled, and then each channel is convolved. The last strips
 * are moved back to end with the output.
 */
#if defined(__GNUC__) && !defined(__clang__)
/* Filling planes is a fifth of the time. */
#pragma GCC optimize("O2")
#endif

#include "depthwise_planes_s8_dsp.h"

/* Words with which a record ends. */
#define SCALE_WORDS 4

/* Inputs of a strip along an axis of the image. */
typedef struct {
  int32_t first; /* negative before the image */
  int32_t count;
  int32_t size;  /* of the image */
  int32_t bytes; /* from an input to the next */
} inputs;

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

/* Words of the padding for so many inputs; returns where the next word is. */
static inline uint32_t* put_padding(uint32_t* to, int32_t count, uint32_t pad) {
  uint32_t pair;
  __asm__("sxtb16 %[pair], %[pad]\n" : [pair] "=r"(pair) : [pad] "r"(pad));
  for (; count > 0; count -= 2, to += FW_PLANE_WORD) {
    for (int32_t k = 0; k < 4; k++) to[k * FW_PLANE_LINES] = pair;
  }
  return to;
}

static inline uint32_t four_channels(const int8_t* from) {
  uint32_t word;
  __builtin_memcpy(&word, from, sizeof word);
  return word;
}

/* A line of the planes from inputs at `from`, with `before` and `after` inputs of padding. */
static void put_line(uint32_t* to, const int8_t* from, int32_t bytes, int32_t before,
                     int32_t inside, int32_t after, uint32_t pad) {
  to = put_padding(to, before & ~1, pad);
  if (before & 1) {
    put_pair(to, pad, four_channels(from));
    from += bytes;
    inside--;
    to += FW_PLANE_WORD;
  }
  for (; inside >= 2; inside -= 2, from += 2 * bytes, to += FW_PLANE_WORD) {
    put_pair(to, four_channels(from), four_channels(from + bytes));
  }
  if (inside) {
    put_pair(to, four_channels(from), pad);
    after--;
    to += FW_PLANE_WORD;
  }
  put_padding(to, after, pad);
}

/* The planes of a strip; `image` begins with the first of the four channels. */
static void fill_planes(uint32_t* planes, const int8_t* image, const inputs* along,
                        const inputs* across, uint32_t pad) {
  const int32_t outside = along->first < 0 ? -along->first : 0;
  const int32_t before = outside < along->count ? outside : along->count;
  const int32_t left = along->size - along->first;
  const int32_t end = left < along->count ? left : along->count;
  const int32_t inside = end > before ? end - before : 0;
  const int8_t* const from = image + (along->first + before) * along->bytes;

  for (int32_t i = 0; i < across->count; i++) {
    const int32_t line = across->first + i;
    if (line < 0 || line >= across->size || inside == 0) {
      put_padding(planes + i, along->count, pad);
    } else {
      put_line(planes + i, from + line * across->bytes, along->bytes, before, inside,
               along->count - before - inside, pad);
    }
  }
}

/* The outputs of up to four channels of a strip, whose planes are filled. */
static void convolve(const fw_depthwise_planes_s8_dsp_params* p, const int32_t* records,
                     int32_t channels, fw_depthwise_plane* kernel, const uint32_t* plane,
                     int8_t* output) {
  const fw_depthwise_walk* const walk = &p->walk;
  fw_depthwise_lines lines;
  lines.step = walk->step;
  lines.last_step = walk->last_step;
  lines.lines = walk->lines;
  lines.input_back = walk->input_back;
  lines.output_on = walk->output_on;
  lines.line_bytes = walk->line_bytes;
  lines.window = &p->window;
  for (int32_t k = 0; k < channels; k++, plane += FW_PLANE_LINES) {
    lines.plane = plane;
    lines.fours_end = plane + walk->fours_bytes / 4;
    lines.end = plane + walk->end_bytes / 4;
    for (int32_t m = 0; m < p->multiplier; m++, records += p->record_words, output++) {
      const int32_t* const scale = records + p->record_words - SCALE_WORDS;
      lines.multiplier = scale[0];
      lines.addend = scale[1];
      lines.shift = scale[2];
      lines.bias = scale[3];
      lines.weights = records;
      lines.output = output;
      kernel(&lines);
    }
  }
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
  inputs h = {0, p->inputs_h, p->input_h, p->input_w * p->channels};
  inputs w = {0, p->inputs_w, p->input_w, p->channels};

  for (int32_t b = 0; b < p->batches; b++) {
    for (int32_t c = 0; c < p->channels; c += 4) {
      const int32_t left = p->channels - c, channels = left < 4 ? left : 4;
      const int32_t first = c * p->multiplier;
      for (int32_t i = 0; i < p->output_h; i += p->strip_h) {
        const int32_t y = place(i, p->strip_h, p->output_h, p->backwards);
        h.first = y * p->stride_h - p->pad_top;
        for (int32_t j = 0; j < p->output_w; j += p->strip_w) {
          const int32_t x = place(j, p->strip_w, p->output_w, p->backwards);
          w.first = x * p->stride_w - p->pad_left;
          fill_planes(planes, input + c, p->upright ? &h : &w, p->upright ? &w : &h, pad);
          convolve(p, records + first * p->record_words, channels, kernel, planes,
                   output + (y * p->output_w + x) * outputs + first);
        }
      }
    }
    input += p->input_h * p->input_w * p->channels;
    output += p->output_h * p->output_w * outputs;
  }
}
