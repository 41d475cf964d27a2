/* Depthwise convolution by planes that hold two pairs of rows of the padded image, for 16 channels
 * at a time. What multiplies is passed: one output of a patch of 4x4, or four.
 *
 * A word of a plane is 2x2 pixels of a channel, rows first. The words of two pairs of rows take
 * turns: pair k of the padded rows has every other word, from word k % 2 on. So a patch of 4x4 is
 * 16 consecutive bytes, and each pair of rows takes the place of the one that is no longer needed:
 * all inputs are transposed once. For patches whose upper pair is an odd one, the words of weights
 * are swapped.
 *
 * Scratch: the windows and parameters of even pairs, those of odd ones, planes, and outputs that
 * are to be put in their place, where pixels are not whole words.
 */
#if defined(__GNUC__) && !defined(__clang__)
/* Its C runs for every row. */
#pragma GCC optimize("O2")
#endif

#include "depthwise_ring_s8_mve.h"

#include "mve_transpose.h"

typedef struct {
  const fw_depthwise_ring_s8_mve_params* p;
  const int8_t* input; /* the first of the channels */
  int8_t* planes;
  int8_t pad[16];
} depthwise_ring;

/* Words of each plane from word `at` of a pair of rows on, every `apart`-th, `count` of them. */
static void put_patches(const depthwise_ring* r, fw_mve_transposition* t, int32_t pair, int32_t at,
                        int32_t apart, int32_t count) {
  t->plane = 8 * r->p->words;
  t->advance = 8 * apart;
  t->count = count;
  uint32_t to = (uint32_t)(uintptr_t)r->planes + (uint32_t)(8 * (at - apart) + pair % 2 * 4);
  for (int32_t k = 0; k < 4; k++, to += (uint32_t)(4 * t->plane)) t->to[k] = to;
  fw_mve_transpose(t);
}

/* A pair of padded rows to its words of the planes. Words with no column of the input have had the
 * padding's value from the beginning. */
static void put_row_pair(const depthwise_ring* r, int32_t pair) {
  const fw_depthwise_ring_s8_mve_params* p = r->p;
  const int8_t* rows[2];
  int32_t pixel[2]; /* bytes from a pixel to the next */
  for (int32_t i = 0; i < 2; i++) {
    const int32_t y = 2 * pair - p->pad_top + i, inside = y >= 0 && y < p->input_h;
    rows[i] = inside ? r->input + y * p->input_w * p->channels : r->pad;
    pixel[i] = inside ? p->channels : 0;
  }
  fw_mve_transposition t;
  for (int32_t k = 0; k < 4; k++) {
    t.from[k] = rows[k % 2] + (2 * p->first - p->pad_left + k / 2) * pixel[k % 2];
    t.step[k] = 2 * pixel[k % 2];
  }
  if (p->inner > 0) put_patches(r, &t, pair, p->first, 1, p->inner);
  if (p->left + p->right == 0) return;
  /* the word with the first column, that with the last one, or both */
  for (int32_t k = 0; k < 4; k++) {
    const int8_t* const first = k / 2 ? rows[k % 2] : r->pad;
    const int8_t* const last = k / 2 ? r->pad : rows[k % 2] + (p->input_w - 1) * pixel[k % 2];
    t.from[k] = p->left ? first : last;
    t.step[k] = (int32_t)((intptr_t)last - (intptr_t)first);
  }
  put_patches(r, &t, pair, p->left ? p->first - 1 : p->first + p->inner, p->inner + 1,
              p->left + p->right);
}

/* The record of `lanes` channels for even pairs, and `record` bytes after it that for odd ones. */
static void expand_ring(const fw_depthwise_ring_s8_mve_params* p, const int8_t* packed,
                        int32_t first, int32_t lanes, int32_t record, int8_t* windows) {
  const int8_t* const weights = packed + p->tables * p->taps;
  const int8_t* const words = packed + ((p->taps * (p->tables + p->channels) + 3) & ~3);
  const int32_t bytes = p->tables * FW_MVE_PARAMETERS;
  for (int32_t k = 0; k < p->tables; k++) {
    fw_mve_put_taps(packed + k * p->taps, weights + first, p->channels, p->taps,
                    windows + k * FW_MVE_PARAMETERS);
  }
  int8_t* const parameters = windows + bytes;
  fw_mve_put_parameters(words + first * 8, p->output_zero_point, lanes,
                        (int32_t*)(void*)parameters);
  fw_mve_copy(parameters, FW_MVE_PARAMETERS, parameters + record);
  int8_t* other = windows + record;
  __asm__ volatile(
      "dls lr, %[vectors]\n"
      "1:\n"
      "vldrw.u32 q0, [%[windows]], #16\n"
      "vrev64.32 q1, q0\n"
      "vstrw.32 q1, [%[other]], #16\n"
      "le lr, 1b\n"
      : [windows] "+r"(windows), [other] "+r"(other)
      : [vectors] "r"(bytes / 16)
      : "lr", "q0", "q1", "memory");
}

/* All outputs of `lanes` channels. Of the last two pairs of rows, the lower outputs may be none. */
static void convolve_ring(const depthwise_ring* r, int8_t* records, int32_t record,
                          const uint16_t* units, fw_depthwise_dot* dot, int32_t lanes,
                          int8_t* output) {
  const fw_depthwise_ring_s8_mve_params* p = r->p;
  const int32_t steps = (p->output_h + p->out_rows - 1) / p->out_rows;
  const int32_t row = p->output_w * p->channels;
  int8_t* const staging = r->planes + 16 * 8 * p->words + FW_MVE_PLANES_BACK;
  put_row_pair(r, p->backwards ? steps : 0);
  for (int32_t i = 0; i < steps; i++) {
    const int32_t step = p->backwards ? steps - 1 - i : i;
    put_row_pair(r, p->backwards ? step : step + 1);
    int8_t* const out = output + step * p->out_rows * row;
    int8_t* const to = p->channels % 4 ? staging : out;
    dot((fw_mve_records*)(void*)(records + step % 2 * record), r->planes, 8 * p->words,
        step == steps - 1 ? units + 9 * p->last : units, p->units, lanes, to);
    if (to == out) continue;
    for (int32_t y = 0; y < p->out_rows && step * p->out_rows + y < p->output_h; y++) {
      fw_mve_put(staging + y * p->output_w * 16, lanes, p->output_w, out + y * row, p->channels);
    }
  }
}

void fw_depthwise_ring_s8_mve(const fw_depthwise_ring_s8_mve_params* p, const int8_t* input,
                              const int8_t* restrict packed, const uint16_t* restrict units,
                              fw_depthwise_dot* dot, int8_t* output, uint8_t* restrict scratch) {
  /* a record's windows begin at a multiple of 16 */
  const int32_t windows = p->tables * FW_MVE_PARAMETERS, record = windows + FW_MVE_PARAMETERS + 16;
  int8_t* const records = (int8_t*)scratch;
  depthwise_ring r;
  r.p = p;
  r.planes = records + 2 * record + FW_MVE_PLANES_FRONT;
  fw_mve_fill(r.pad, p->pad_value, 16);
  fw_mve_fill(r.planes, p->pad_value, 16 * 8 * p->words);
  fw_mve_fill(records, 0, windows + 16);
  for (int32_t b = 0; b < p->batches; b++) {
    for (int32_t first = 0; first < p->channels; first += 16) {
      const int32_t left = p->channels - first, lanes = left < 16 ? left : 16;
      r.input = input + first;
      expand_ring(p, packed, first, lanes, record, records + 16);
      convolve_ring(&r, records + 16 - (int32_t)sizeof(int32_t), record, units, dot, lanes,
                    output + first);
    }
    input += p->input_h * p->input_w * p->channels;
    output += p->output_h * p->output_w * p->channels;
  }
}
