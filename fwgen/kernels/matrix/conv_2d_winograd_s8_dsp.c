/* Tiles are taken row by row, image by image, and multiplied when 4 of them are there, so that they
 * are less than 4 only at the end. Each row of the input is widened to halfwords once, when the
 * first tiles need it, padding as the input's zero point, into a ring of 4 rows.
 */
#include "conv_2d_winograd_s8_dsp.h"

/* Pixels that the tiles of a row need. */
static inline int32_t fw_winograd_pixels(const fw_conv_2d_winograd_s8_dsp_params* p) {
  return (p->output_w + 1) / 2 * 2 + 2;
}

/* Channels 0 and 2 of 4 inputs go to `to`, 1 and 3 to `other`. */
static inline void fw_widen_pair(uint32_t inputs, uint32_t* to, uint32_t* other) {
  uint32_t even, odd;
  __asm__(
      "sxtb16 %[even], %[inputs]\n"
      "sxtb16 %[odd], %[inputs], ror #8\n"
      : [even] "=&r"(even), [odd] "=r"(odd)
      : [inputs] "r"(inputs));
  *to = even;
  *other = odd;
}

static inline uint32_t fw_inputs_at(const int8_t* from) {
  uint32_t inputs;
  __builtin_memcpy(&inputs, from, sizeof inputs);
  return inputs;
}

/* Up to 4 channels of `count` pixels, of which `left` are there. */
static void fw_widen_pixels(const int8_t* from, int32_t depth, int32_t left, uint32_t* to,
                            uint32_t* other, int32_t count) {
  if (left >= 4) {
    for (; count >= 4; count -= 4, from += 4 * depth, to += 4, other += 4) {
      fw_widen_pair(fw_inputs_at(from), to, other);
      fw_widen_pair(fw_inputs_at(from + depth), to + 1, other + 1);
      fw_widen_pair(fw_inputs_at(from + 2 * depth), to + 2, other + 2);
      fw_widen_pair(fw_inputs_at(from + 3 * depth), to + 3, other + 3);
    }
    for (; count > 0; count--, from += depth) fw_widen_pair(fw_inputs_at(from), to++, other++);
  }
  for (; count > 0; count--, from += depth) {
    uint32_t inputs = (uint8_t)from[0];
    if (left > 1) inputs |= (uint32_t)(uint8_t)from[1] << 8;
    if (left > 2) inputs |= (uint32_t)(uint8_t)from[2] << 16;
    fw_widen_pair(inputs, to++, other++);
  }
}

/* Row `row` of an image, or of padding: for each 2 channels, all pixels that tiles need. */
static void fw_widen_channels(const fw_conv_2d_winograd_s8_dsp_params* p, const int8_t* image,
                              int32_t row, uint32_t* to) {
  const int32_t pixels = fw_winograd_pixels(p), depth = p->input_c;
  const uint32_t zero = (uint32_t)p->input_zero_point & 0xFFFFu, padding = zero | zero << 16;
  int32_t before = p->pad_left < pixels ? p->pad_left : pixels;
  int32_t inside = pixels - before < p->input_w ? pixels - before : p->input_w;

  if (row < 0 || row >= p->input_h) before = pixels, inside = 0;
  for (int32_t c = 0; c < depth; c += 4, to += 2 * pixels) {
    for (int32_t x = 0; x < before; x++) to[x] = to[pixels + x] = padding;
    fw_widen_pixels(image + row * p->input_w * depth + c, depth, depth - c, to + before,
                    to + pixels + before, inside);
    for (int32_t x = before + inside; x < pixels; x++) to[x] = to[pixels + x] = padding;
  }
}

/* The tile at an even row and column of an image. */
static fw_winograd_tile fw_tile_at(const fw_conv_2d_winograd_s8_dsp_params* p, int8_t* image,
                                   int32_t y, int32_t x) {
  const int32_t depth = p->output_c, width = p->output_w;
  return (fw_winograd_tile){
      .output = image + (y * width + x) * depth,
      .right = x + 1 < width ? depth : 0,
      .down = y + 1 < p->output_h ? width * depth : 0,
  };
}

void fw_conv_2d_winograd_s8_dsp(const fw_conv_2d_winograd_s8_dsp_params* p, const int8_t* input,
                                const int32_t* weights, fw_winograd_inputs* inputs,
                                fw_winograd_products* products, uint8_t* scratch, int8_t* output) {
  fw_winograd_work* const work = (fw_winograd_work*)(void*)scratch;
  uint32_t* const values = (uint32_t*)(void*)(work + 1);
  uint32_t* const ring = values + p->pairs * (FW_WINOGRAD_PAIR_BYTES / 4);
  const int32_t pixels = fw_winograd_pixels(p), given = (p->input_c + 3) / 4 * 2;
  const int32_t last = (p->output_c - 1) / 2 * 2;
  const fw_winograd_block block = {
      .values = values,
      .work = work,
      .last = last,
      .odd = p->output_c - 1 - last,
      .value_bytes = p->pairs * FW_WINOGRAD_PAIR_BYTES,
      .weights = weights,
  };
  fw_winograd_inputs_block fresh = {
      .apart = pixels * 4,
      .value_bytes = given * FW_WINOGRAD_PAIR_BYTES,
  };
  int32_t tiles = 0;

  for (int32_t i = given * (FW_WINOGRAD_PAIR_BYTES / 4);
       i < p->pairs * (FW_WINOGRAD_PAIR_BYTES / 4); i++) {
    values[i] = 0; /* their weights are 0, too */
  }
  for (int32_t image = 0; image < p->batches; image++) {
    int32_t next = 0; /* the row to be widened, from the first of padding */
    for (int32_t y = 0; y < p->output_h; y += 2) {
      for (; next < y + 4; next++) {
        fw_widen_channels(p, input, next - p->pad_top, ring + (next & 3) * given * pixels);
      }
      for (int32_t x = 0, count; x < p->output_w; x += 2 * count) {
        const int32_t left = (p->output_w - x + 1) / 2;
        count = left < 4 - tiles ? left : 4 - tiles;
        for (int32_t i = 0; i < 4; i++) fresh.rows[i] = ring + ((y + i) & 3) * given * pixels + x;
        fresh.values = values + tiles;
        fresh.count = count;
        inputs(&fresh);
        for (int32_t i = 0; i < count; i++) {
          work->tiles[tiles++] = fw_tile_at(p, output, y, x + 2 * i);
        }
        if (tiles < 4) continue;
        products(&block);
        tiles = 0;
      }
    }
    input += p->input_h * p->input_w * p->input_c;
    output += p->output_h * p->output_w * p->output_c;
  }
  if (tiles == 0) return;
  /* what tiles that are not there write, the first one overwrites */
  for (; tiles < 4; tiles++) {
    work->tiles[tiles] = (fw_winograd_tile){.output = work->tiles[0].output, .right = 0, .down = 0};
  }
  products(&block);
}
