/* Depthwise convolution by planes of words: v6m_depthwise.h. For each strip of the image, and each
 * channel of it, the plane is filled, and each output channel convolved. The last strip is moved
 * back to end with the output.
 */
#if defined(__GNUC__) && !defined(__clang__)
/* Lines of small images are short. */
#pragma GCC optimize("O2")
#endif

#include "depthwise_words_s8_v6m.h"

/* Lines of bytes that become words, in the order in which they are loaded: bytes from
 * one byte to the next and to the one after, and from behind a line to the next on either side. Of
 * lines and of bytes in each there is at least one. */
typedef struct {
  int32_t step, twice, count;
  int32_t from_skip, to_skip;
  int32_t lines;
} lines_to_widen;

/* 4.75 cycles for a byte, and 14 for a line. */
static void widen_lines(int32_t* to, const int8_t* from, const lines_to_widen* by) {
  register int32_t* r0 __asm__("r0") = to;
  register const int8_t* r1 __asm__("r1") = from;
  register const lines_to_widen* r2 __asm__("r2") = by;
  __asm__ volatile(
      ".syntax unified\n"
      "ldm r2!, {r3, r4, r5, r6}\n"
      "mov r8, r4\n"
      "mov r9, r5\n"
      "mov r10, r6\n"
      "ldm r2!, {r5, r6}\n"
      "mov r11, r5\n"
      "mov r12, r6\n"
      "mov r2, r3\n"
      "movs r4, #0\n"
      "0:\n"
      "mov r3, r9\n"
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
      "mov r3, r12\n"
      "add r1, r10\n"
      "add r0, r11\n"
      "subs r3, r3, #1\n"
      "mov r12, r3\n"
      "bne 0b\n"
      : "+r"(r0), "+r"(r1), "+r"(r2)
      :
      : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "cc", "memory");
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
  int32_t* const sums = threes_end;
  const fw_v6m_windows windows = {.threes = threes,
                                  .threes_end = threes_end,
                                  .sums = sums,
                                  .line_end = sums + p->row_sums,
                                  .line_bytes = p->row_sums * 4,
                                  .sums_end = sums + p->rows * p->row_sums,
                                  .skip = p->row_skip};
  const fw_v6m_outputs outputs = {
      .sums_skip = 4 * (p->line_sums - p->along.outputs),
      .output_skip = p->across.output_bytes - p->along.outputs * p->along.output_bytes,
      .sums_bytes = 4 * p->line_sums,
      .lines = p->strip,
      .sums = sums,
      .output = output,
      .step = p->along.output_bytes,
      .count = p->along.outputs,
      .scale = record + 1};

  threes[0] = record[0];
  for (int32_t* to = threes + 1; to < threes_end; to += 4, weights += 3) {
    to[0] = weights[0];
    to[1] = weights[1];
    to[2] = weights[2];
  }
  kernel(plane, &windows);
  rescale(&outputs);
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
      const lines_to_widen lines = {
          .step = p->along.input_bytes,
          .twice = 2 * p->along.input_bytes,
          .count = along.inside,
          .from_skip = p->across.input_bytes - along.inside * p->along.input_bytes,
          .to_skip = 4 * (p->line - along.inside),
          .lines = across.inside};
      for (int32_t k = 0; k < p->lines * p->line; k++) plane[k] = p->pad_value;
      for (int32_t c = 0; c < p->channels; c++) {
        const int8_t* from =
            input + c + across.first * p->across.input_bytes + along.first * p->along.input_bytes;
        int32_t* const line = plane + across.outside * p->line + along.outside;
        if (across.inside > 0 && along.inside > 0) widen_lines(line, from, &lines);
        for (int32_t m = 0; m < p->multiplier; m++, record += p->record_words, to++) {
          convolve_words(p, record, plane, kernel, rescale, to);
        }
      }
    }
  }
}
