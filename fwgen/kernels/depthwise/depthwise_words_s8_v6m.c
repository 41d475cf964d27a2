/* Depthwise convolution by planes of words: v6m_depthwise.h. For each strip of the image, and each
 * channel of it, the plane is filled, and each output channel convolved. The last strip is moved
 * back to end with the output.
 */
#if defined(__GNUC__) && !defined(__clang__)
/* Lines of small images are short. */
#pragma GCC optimize("O2")
#endif

#include "depthwise_words_s8_v6m.h"

/* Words of `count` bytes, at least one, `step` apart: 4.75 cycles each. */
static void widen_line(int32_t* to, const int8_t* from, int32_t step, int32_t count) {
  register int32_t* r0 __asm__("r0") = to;
  register const int8_t* r1 __asm__("r1") = from;
  register int32_t r2 __asm__("r2") = step;
  register int32_t r3 __asm__("r3") = count;
  __asm__ volatile(
      ".syntax unified\n"
      "lsls r4, r2, #1\n"
      "mov r8, r4\n"
      "movs r4, #0\n"
      "subs r3, r3, #4\n"
      "blo 2f\n"
      "1:\n"
      "ldrsb r5, [r1, r4]\n"
      "ldrsb r6, [r1, r2]\n"
      "add r1, r8\n"
      "stm r0!, {r5, r6}\n"
      "ldrsb r5, [r1, r4]\n"
      "ldrsb r6, [r1, r2]\n"
      "add r1, r8\n"
      "stm r0!, {r5, r6}\n"
      "subs r3, r3, #4\n"
      "bhs 1b\n"
      "2:\n"
      "adds r3, r3, #4\n"
      "beq 4f\n"
      "3:\n"
      "ldrsb r5, [r1, r4]\n"
      "adds r1, r1, r2\n"
      "stm r0!, {r5}\n"
      "subs r3, r3, #1\n"
      "bne 3b\n"
      "4:\n"
      : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
      :
      : "r4", "r5", "r6", "r8", "cc", "memory");
}

/* Inputs of a strip along an axis: those before the image, in it, and where these begin. */
typedef struct {
  int32_t outside, inside, first;
} inputs_of_strip;

static inputs_of_strip inputs_from(const fw_v6m_axis* axis, int32_t output, int32_t count) {
  const int32_t first = output * axis->stride - axis->before;
  const int32_t end = first + count < axis->inputs ? first + count : axis->inputs;
  inputs_of_strip s = {.outside = first < 0 ? -first : 0, .first = first < 0 ? 0 : first};
  if (s.outside > count) s.outside = count;
  s.inside = end > s.first ? end - s.first : 0;
  return s;
}

static void convolve_words(const fw_depthwise_words_s8_v6m_params* p, const int32_t* record,
                           int32_t* plane, fw_v6m_depthwise* kernel, fw_v6m_rescale* rescale,
                           int8_t* output) {
  int32_t* const threes = plane + p->plane_words;
  int32_t* const threes_end = threes + 1 + 4 * p->threes;
  const int8_t* weights = (const int8_t*)(record + 1 + p->scale_words);
  const fw_v6m_fives fives = {.threes = threes,
                              .threes_end = threes_end,
                              .sums = threes_end,
                              .sums_end = threes_end + p->group_sums};
  fw_v6m_outputs outputs = {
      .step = p->along.output_bytes, .count = p->along.outputs, .scale = record + 1};

  threes[0] = record[0];
  for (int32_t* to = threes + 1; to < threes_end; to += 4, weights += 3) {
    to[0] = weights[0];
    to[1] = weights[1];
    to[2] = weights[2];
  }
  for (int32_t line = 0; line < p->strip; line += p->group, plane += p->group_words) {
    kernel(plane, &fives);
    outputs.sums = threes_end;
    for (int32_t i = 0; i < p->group; i++) {
      outputs.output = output;
      rescale(&outputs);
      outputs.sums += p->line;
      output += p->across.output_bytes;
    }
  }
}

void fw_depthwise_words_s8_v6m(const fw_depthwise_words_s8_v6m_params* p, const int8_t* input,
                               const int32_t* records, const int32_t* steps,
                               fw_v6m_depthwise* kernel, fw_v6m_rescale* rescale, uint8_t* scratch,
                               int8_t* output) {
  int32_t* const plane = (int32_t*)(void*)scratch;
  const inputs_of_strip along = inputs_from(&p->along, 0, p->line);
  const int32_t last = p->across.outputs - p->strip;

  for (int32_t i = 0; i < p->threes; i++) plane[p->plane_words + 4 + 4 * i] = steps[i];
  for (int32_t b = 0; b < p->batches; b++, input += p->input_bytes, output += p->output_bytes) {
    for (int32_t i = 0; i < p->across.outputs; i += p->strip) {
      const int32_t at = i < last ? i : last, first = p->backwards ? last - at : at;
      const inputs_of_strip across = inputs_from(&p->across, first, p->lines);
      int8_t* to = output + first * p->across.output_bytes;
      const int32_t* record = records;
      for (int32_t k = 0; k < p->lines * p->line; k++) plane[k] = p->pad_value;
      for (int32_t c = 0; c < p->channels; c++) {
        const int8_t* from =
            input + c + across.first * p->across.input_bytes + along.first * p->along.input_bytes;
        int32_t* line = plane + across.outside * p->line + along.outside;
        for (int32_t k = 0; k < across.inside; k++) {
          widen_line(line, from, p->along.input_bytes, along.inside);
          from += p->across.input_bytes;
          line += p->line;
        }
        for (int32_t m = 0; m < p->multiplier; m++, record += p->record_words, to++) {
          convolve_words(p, record, plane, kernel, rescale, to);
        }
      }
    }
  }
}
