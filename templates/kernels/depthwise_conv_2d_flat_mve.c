#include "depthwise_conv_2d_flat_mve.h"

/* Four pixels are a word of a plane; outputs are one position apart. */
#define FW_MVE_STRIDE "64"
#define FW_MVE_ADVANCE "4"
#define FW_MVE_DOT_STEP "2"
#include "mve_dot.h"

/* The padded rows from `top` on, 16 channels of them, as 16-byte pixels in `image`. */
static void gather_rows(const fw_depthwise_conv_2d_flat_mve_params* p, const int8_t* input,
                        int32_t lanes, int32_t top, int8_t* image) {
  int8_t* to = image + p->pad_left * 16;
  for (int32_t r = top; r < top + p->rows; r++, to += p->pitch * 16) {
    if (r < 0 || r >= p->input_h) {
      fw_mve_fill(to, p->pad_value, p->input_w * 16);
    } else {
      fw_mve_gather(input + r * p->input_w * p->channels, p->channels, lanes, p->input_w, to);
    }
  }
}

void fw_depthwise_conv_2d_flat_mve(const fw_depthwise_conv_2d_flat_mve_params* p,
                                   const int8_t* restrict input, const int8_t* restrict records,
                                   const uint16_t* restrict units, int8_t* restrict output,
                                   void* restrict scratch) {
  int8_t* const planes = (int8_t*)scratch + 16;
  int8_t* const image = (int8_t*)scratch + FW_MVE_PLANES_BYTES;
  const int32_t row_bytes = p->output_w * p->channels;
  uint32_t base[4];
  for (uint32_t i = 0; i < 4; i++) {
    base[i] = (uint32_t)(uintptr_t)planes + 4 * i * FW_MVE_PLANE_BYTES - 4;
  }
  fw_mve_fill(image, p->pad_value, (p->positions + 4) * 16);
  for (int32_t b = 0; b < p->batches; b++) {
    for (int32_t first = 0; first < p->channels; first += 16) {
      const int32_t left = p->channels - first;
      const int32_t c = left < 16 && p->channels >= 16 ? p->channels - 16 : first;
      const int32_t lanes = left < 16 && p->channels < 16 ? left : 16;
      for (int32_t strip = 0; strip < p->output_h; strip += p->strip_h) {
        const int32_t y = strip + p->strip_h > p->output_h ? p->output_h - p->strip_h : strip;
        gather_rows(p, input + c, lanes, y - p->pad_top, image);
        fw_mve_transpose(image, image + 16, image + 32, image + 48, base,
                         (p->positions + 3) / 4);
        int8_t* out = output + y * row_bytes + c;
        const int8_t* record = records + 4 + c * FW_MVE_RECORD_BYTES;
        for (int32_t q = 0; q < lanes; q += 4) {
          fw_mve_dot(record + q * FW_MVE_RECORD_BYTES,
                     planes + q * FW_MVE_PLANE_BYTES, units, p->units, out + q);
        }
      }
    }
    input += p->input_h * p->input_w * p->channels;
    output += p->output_h * row_bytes;
  }
}
