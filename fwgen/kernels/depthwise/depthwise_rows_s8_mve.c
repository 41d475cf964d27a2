/* Depthwise convolution by planes whose words are four pixels of a channel, for 16 channels at a
 * time, or 8, or 4. What multiplies is passed.
 *
 * "Rows": a word is a column of four input rows. A window is then up to four consecutive words. Of
 * two outputs of four rows, the upper one multiplies them with {w0, w1, w2, 0} per column, the
 * lower one with {0, w0, w1, w2}.
 *
 * "Rings": a word is 2x2 pixels, rows first. Planes hold two pairs of rows of the padded image, and
 * their words take turns: pair k has every other word, from word k % 2 on. So a patch of 4x4 pixels
 * is 16 consecutive bytes, and each pair takes the place of the one that is no longer needed: all
 * inputs are transposed once. For patches whose upper pair is an odd one, the words of weights are
 * swapped, in a record of its own.
 *
 * Scratch: of rings with 16 channels the records, otherwise they are on the stack; planes; and
 * outputs that are to be put in their place, where pixels are not whole words.
 */
#if defined(__GNUC__) && !defined(__clang__)
/* Its C runs for every strip: 40,000 of 1.4 million cycles of a model, for 136 bytes. */
#pragma GCC optimize("O2")
#endif

#include "depthwise_rows_s8_mve.h"

#include "mve_transpose.h"

typedef struct {
  const fw_depthwise_rows_s8_mve_params* p;
  const int8_t* input; /* the first of the channels */
  int8_t* planes;
  int8_t* windows; /* of the first record */
  int32_t lanes;   /* channels, at most p->lanes */
  _Alignas(int32_t) int8_t pad[16];
} depthwise_rows;

/* Where the four pixels of a word are: rows below its first, and then columns. */
static const int8_t within[2][8] = {{0, 1, 2, 3, 0, 0, 0, 0}, {0, 1, 0, 1, 0, 0, 1, 1}};

/* The pixels of a word, whose first is at row y and column x, and their steps to those `apart`
 * columns further right. What is outside of the input is padding. Changes the predicate register,
 * of which neither compiler lets assembly tell. */
static inline void find_pixels(const depthwise_rows* r, int32_t y, int32_t x, int32_t apart,
                               fw_mve_transposition* t) {
  const fw_depthwise_rows_s8_mve_params* p = r->p;
  __asm__ volatile(
      "vldrb.s32 q0, [%[within]]\n"
      "vldrb.s32 q1, [%[within], #4]\n"
      "vadd.i32 q0, q0, %[y]\n"
      "vmul.i32 q2, q0, %[width]\n"
      "vadd.i32 q1, q1, %[x]\n"
      "vadd.i32 q2, q2, q1\n"
      "vmul.i32 q2, q2, %[pixel]\n"
      "vdup.32 q4, %[pad]\n"
      "vadd.i32 q2, q2, %[input]\n"
      "vadd.i32 q3, q2, %[step]\n"
      "vptt.u32 cs, q0, %[height]\n"
      "vorrt q2, q4, q4\n"
      "vorrt q3, q4, q4\n"
      "vpt.u32 cs, q1, %[width]\n"
      "vorrt q2, q4, q4\n"
      "vadd.i32 q1, q1, %[apart]\n"
      "vpt.u32 cs, q1, %[width]\n"
      "vorrt q3, q4, q4\n"
      "vstrw.32 q2, [%[t]]\n"
      "vsub.i32 q3, q3, q2\n"
      "vstrw.32 q3, [%[t], #16]\n"
      :
      : [within] "l"(within[p->record > 0]), [y] "r"(y), [x] "r"(x), [apart] "r"(apart),
        [step] "r"(apart * p->channels), [pixel] "r"(p->channels), [width] "r"((int32_t)p->input_w),
        [height] "r"((int32_t)p->input_h), [input] "r"(r->input), [pad] "r"(r->pad), [t] "r"(t)
      : "q0", "q1", "q2", "q3", "q4", "memory");
}

/* `count` words of each plane from the word `at` on. The first is of the rows from `top` and the
 * columns from `x` on, the others of those `apart` columns further right, and `apart` words further
 * on. Words after the second are padding where it is. */
static void put_words(const depthwise_rows* r, int32_t top, int32_t x, int32_t apart, int32_t at,
                      int32_t count) {
  const fw_depthwise_rows_s8_mve_params* p = r->p;
  fw_mve_transposition t;
  find_pixels(r, top, x, apart, &t);
  t.plane = 4 * p->words;
  t.advance = 4 * apart;
  t.count = (count * p->lanes + 15) / 16;
  const uint32_t four = (uint32_t)(4 * t.plane);
  /* 8 channels: bytes 8 to 15 are a second pixel's */
  const uint32_t eight = p->lanes == 8 ? 4 : 2 * four;
  t.to[0] = (uint32_t)(uintptr_t)r->planes + (uint32_t)(4 * (at - apart));
  t.to[1] = t.to[0] + four;
  t.to[2] = t.to[0] + eight;
  t.to[3] = t.to[1] + eight;
  if (p->lanes == 4) {
    fw_mve_transpose_quads(&t);
  } else {
    fw_mve_transpose(&t);
  }
}

/* The planes of `strip_h` output rows from `y` on, columns of the padded image from `x` on. */
static void fill_planes(const depthwise_rows* r, int32_t y, int32_t x) {
  const fw_depthwise_rows_s8_mve_params* p = r->p;
  const int32_t before = x < p->pad_left ? p->pad_left - x : 0;
  const int32_t past = x + p->strip_words - p->pad_left - p->input_w;
  const int32_t after = past > 0 ? past : 0;
  /* the padding of full rows is there; an odd number of 8-channel pixels overwrites a word */
  const int32_t bordered = p->strip_w < p->output_w || p->lanes == 8;
  const int32_t apart = p->lanes == 8 ? 2 : 1;
  int32_t at = 0;
  for (int32_t i = 0; i < p->strip_h; i += p->out_rows, at += p->pitch) {
    const int32_t top = (y + i) * p->stride_h - p->pad_top, inner = at + before;
    if (bordered && before > 0) put_words(r, top, p->input_w, apart, at, before);
    put_words(r, top, x + before - p->pad_left, apart, inner, p->strip_words - before - after);
    if (bordered && after > 0) {
      put_words(r, top, p->input_w, apart, at + p->strip_words - after, after);
    }
  }
}

/* A pair of padded rows to its words of the planes. Words with no column of the input have had the
 * padding's value from the beginning. */
static void fill_pair(const depthwise_rows* r, int32_t pair) {
  const fw_depthwise_rows_s8_mve_params* p = r->p;
  const int32_t top = 2 * pair - p->pad_top, first = 2 * p->first, at = first + pair % 2;
  if (p->inner > 0) put_words(r, top, first - p->pad_left, 2, at, p->inner);
  if (p->left + p->right == 0) return;
  /* the word with the first column alone, that with the last one, or both */
  const int32_t edge = p->left ? -2 : 2 * p->inner;
  put_words(r, top, first + edge - p->pad_left, 2 * (p->inner + 1), at + edge, p->left + p->right);
}

/* The record of r->lanes channels from `first` on; of rings also that for odd pairs. */
static void expand_records(const depthwise_rows* r, const int8_t* packed, int32_t first) {
  const fw_depthwise_rows_s8_mve_params* p = r->p;
  const int8_t* const weights = packed + p->tables * p->taps;
  const int8_t* const words = packed + ((p->taps * (p->tables + p->channels) + 3) & ~3);
  int8_t* windows = r->windows;
  for (int32_t k = 0; k < p->tables; k++, windows += FW_MVE_PARAMETERS) {
    fw_mve_put_taps(packed + k * p->taps, weights + first, p->channels, p->taps, windows);
  }
  fw_mve_put_parameters(words + first * 8, p->output_zero_point, r->lanes,
                        (int32_t*)(void*)windows);
  if (p->record == 0) return;
  fw_mve_copy(windows, p->lanes * FW_MVE_WINDOW, windows + p->record);
  const int8_t* even = r->windows;
  int8_t* odd = r->windows + p->record;
  __asm__ volatile(
      "dls lr, %[vectors]\n"
      "1:\n"
      "vldrw.u32 q0, [%[even]], #16\n"
      "vrev64.32 q1, q0\n"
      "vstrw.32 q1, [%[odd]], #16\n"
      "le lr, 1b\n"
      : [even] "+r"(even), [odd] "+r"(odd)
      : [vectors] "r"(p->tables * p->lanes)
      : "lr", "q0", "q1", "memory");
}

/* The outputs of a strip from `staging`, where they have 16 bytes each, to the output, less rows
 * above and below it. */
static void put_rows(const depthwise_rows* r, const int8_t* staging, int32_t y, int8_t* output) {
  const fw_depthwise_rows_s8_mve_params* p = r->p;
  for (int32_t i = 0; i < p->strip_h; i++) {
    if ((uint32_t)(y + i) >= (uint32_t)p->output_h) continue;
    fw_mve_put(staging + i * p->strip_w * 16, r->lanes, p->strip_w,
               output + i * p->output_w * p->channels, p->channels);
  }
}

/* All outputs of the channels. The last strips of rows are moved back to end with the output. */
static void convolve(const depthwise_rows* r, const uint16_t* units, fw_depthwise_dot* dot,
                     int8_t* output) {
  const fw_depthwise_rows_s8_mve_params* p = r->p;
  int8_t* const staging = r->planes + p->lanes * 4 * p->words + FW_MVE_PLANES_BACK;
  const int32_t last_x = p->output_w - p->strip_w;
  if (p->record) fill_pair(r, p->backwards ? p->last_y / p->out_rows + 1 : 0);
  for (int32_t strip_y = 0; strip_y < p->output_h; strip_y += p->strip_h) {
    int32_t y = strip_y < p->last_y ? strip_y : p->last_y;
    if (p->backwards) y = p->last_y - y;
    const int32_t step = y / p->out_rows;
    int8_t* const windows = r->windows + step % 2 * p->record - sizeof(int32_t);
    for (int32_t strip_x = 0; strip_x < p->output_w; strip_x += p->strip_w) {
      int32_t x = strip_x < last_x ? strip_x : last_x;
      if (p->backwards) x = last_x - x;
      if (p->record) {
        fill_pair(r, p->backwards ? step : step + 1);
      } else {
        fill_planes(r, y, x * p->stride_w);
      }
      int8_t* const out = output + (y * p->output_w + x) * p->channels;
      int8_t* const to = p->channels % 4 ? staging : out;
      dot((fw_mve_records*)(void*)windows, r->planes, 4 * p->words,
          y == p->last_y ? units + 9 * p->last : units, p->units, r->lanes, to);
      if (to != out) put_rows(r, to, y, out);
    }
  }
}

void fw_depthwise_rows_s8_mve(const fw_depthwise_rows_s8_mve_params* p, const int8_t* input,
                              const int8_t* restrict packed, const uint16_t* restrict units,
                              fw_depthwise_dot* dot, int8_t* output, uint8_t* restrict scratch) {
  /* Windows begin at a multiple of 16, after a byte 0. Those of 4 channels, and their parameters,
   * leave room for those of odd pairs. */
  const int32_t windows = p->tables * FW_MVE_PARAMETERS, large = p->record > windows;
  _Alignas(16) int8_t own[16 + 2 * FW_MVE_PARAMETERS];
  int8_t* const records = large ? (int8_t*)scratch : own;
  depthwise_rows r;
  r.p = p;
  r.planes = (int8_t*)scratch + (large ? 2 * p->record : 0) + FW_MVE_PLANES_FRONT;
  r.windows = records + 16;
  fw_mve_fill(r.pad, p->pad_value, 16);
  fw_mve_fill(r.planes, p->pad_value, p->lanes * 4 * p->words);
  fw_mve_fill(records, 0, windows + 16);
  for (int32_t b = 0; b < p->batches; b++) {
    for (int32_t first = 0; first < p->channels; first += p->lanes) {
      const int32_t left = p->channels - first;
      r.input = input + first;
      r.lanes = left < p->lanes ? left : p->lanes;
      expand_records(&r, packed, first);
      convolve(&r, units, dot, output + first);
    }
    input += p->input_h * p->input_w * p->channels;
    output += p->output_h * p->output_w * p->channels;
  }
}
