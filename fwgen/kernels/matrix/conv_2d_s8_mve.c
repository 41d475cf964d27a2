/* The windows of a strip of pixels are gathered in scratch, padding as the input's zero point
 * (which the folded bias makes contribute nothing), and multiplied by a matrix kernel.
 */
#include "conv_2d_s8_mve.h"

#include "mve_windows.h"

static inline int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }

void fw_conv_2d_s8_mve(const fw_conv_2d_s8_mve_params* p, const int8_t* input,
                       const int32_t* weights, fw_matrix* pairs, fw_matrix* rest, uint8_t* scratch,
                       int8_t* output) {
  int8_t* const windows = (int8_t*)scratch;
  const int32_t high = p->down ? p->strip : 1, wide = p->down ? 1 : p->strip;
  const int32_t depth = p->output_c, image = p->input_h * p->input_w * p->input_c;
  const int8_t* const end = input + p->batches * image;
  /* Pixels that the last block of a pixel reaches into. In a strip down they must be to the right,
   * as those of the next row are there already. */
  const int32_t reach = ((-depth & 7) + depth - 1) / depth;
  int32_t left = p->batches * p->output_h * p->output_w - reach;

  for (int32_t b = 0; b < p->batches; b++, input += image) {
    for (int32_t y = 0; y < p->output_h; y += high) {
      const int32_t rows = least(high, p->output_h - y);
      for (int32_t x = 0; x < p->output_w; x += wide) {
        const int32_t columns = least(wide, p->output_w - x), count = rows * columns;
        if (p->down) {
          gather(p, input, end, y, x, rows, windows);
        } else {
          gather_along(p, input, end, y, x, columns, windows);
        }
        int8_t* const out = output + (y * p->output_w + x) * depth;
        int32_t paired = rows > 1 && x + reach >= p->output_w ? 0 : least(count, left) & ~1;
        if (paired > 0) {
          pairs(&p->matrix, windows, 0, paired, weights, out);
        } else {
          paired = 0;
        }
        if (paired < count) rest(&p->matrix, windows, paired, count - paired, weights, out);
        left -= count;
      }
    }
    output += p->output_h * p->output_w * depth;
  }
}
