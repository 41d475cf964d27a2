/* Each row of the input is widened when the first output row needs it, padding as the input's zero
 * point, into a ring of kernel_h rows. The windows of 4 pixels in a row are multiplied where they
 * are: dsp_rows.h.
 */
#include "conv_2d_rows_s8_dsp.h"

#include "dsp_widen.h"

/* Row `row` of the input, or of padding, as far as windows go. */
static void widen_row(const fw_conv_2d_rows_s8_dsp_params* p, const int8_t* input, int32_t row,
                      uint32_t* to) {
  static const fw_widened layout = {1, 2};
  const int32_t taps = (p->output_w - 1) * p->stride_w + p->kernel_w, depth = p->input_c;
  const int32_t inside = taps - p->pad_left < p->input_w ? taps - p->pad_left : p->input_w;

  if (row < 0 || row >= p->input_h || inside <= 0) {
    fw_widen_value(p->input_zero_point, taps * depth, layout, to);
    return;
  }
  to = fw_widen_value(p->input_zero_point, p->pad_left * depth, layout, to);
  to = fw_widen_bytes(input + row * p->input_w * depth, inside * depth, layout, to);
  fw_widen_value(p->input_zero_point, (taps - p->pad_left - inside) * depth, layout, to);
}

void fw_conv_2d_rows_s8_dsp(const fw_conv_2d_rows_s8_dsp_params* p, const int8_t* input,
                            const int32_t* weights, fw_matrix_rows* kernel, uint8_t* scratch,
                            int8_t* output) {
  uint32_t* const ring = (uint32_t*)(void*)scratch;
  int8_t* const spare = (int8_t*)(ring + p->kernel_h * p->row_words);
  const int32_t channels = p->output_c, pairs = (channels + 1) / 2;
  const int32_t apart = p->stride_w * p->input_c / 2; /* words from a pixel to the next */
  const uint32_t* rows[FW_MOST_KERNEL_ROWS];
  fw_matrix_rows_block block = {
      rows, rows + p->kernel_h, p->kernel_w * p->input_c * 2, 0, channels, pairs, weights,
  };
  int32_t next = 0, slot = 0; /* the row to be widened, from the first of padding, and its place */
  int32_t first_slot = 0;     /* of the first row of the window */

  for (int32_t y = 0; y < p->output_h; y++) {
    for (const int32_t end = y * p->stride_h + p->kernel_h; next < end; next++) {
      if (next >= y * p->stride_h) {
        widen_row(p, input, next - p->pad_top, ring + slot * p->row_words);
      }
      if (++slot == p->kernel_h) slot = 0;
    }
    first_slot = slot; /* kernel_h rows ago the same place was taken */
    for (int32_t k = 0, at = first_slot; k < p->kernel_h; k++) {
      rows[k] = ring + at * p->row_words;
      if (++at == p->kernel_h) at = 0;
    }
    for (int32_t x = 0; x < p->output_w; x += 4) {
      const int32_t left = p->output_w - x, count = left < 4 ? left : 4;
      /* the last pair of the last pixel must not reach beyond the output */
      const int32_t last = y + 1 == p->output_h && left <= 4;
      const int32_t direct = count == 4 && !(last && channels % 2);
      block.output = (direct ? output : spare) + 2 * (pairs - 1);
      kernel(&block);
      if (!direct) {
        for (int32_t i = 0; i < count * channels; i++) output[i] = spare[i];
      }
      output += count * channels;
      for (int32_t k = 0; k < p->kernel_h; k++) rows[k] += 4 * apart;
    }
  }
}
