/* The windows of three pixels are put side by side in scratch, in two words, and multiplied:
 * v6m_thirds.h. Rows of windows that are inside the image are read from there. Others are gathered
 * first, padding as the input's zero point, which the folded bias makes contribute nothing. Pixels
 * of all rows and images follow one another, so that only the last block may have less.
 */
#include "conv_2d_s8_v6m.h"

/* A window: its rows are `pitch` bytes apart. */
typedef struct {
  const int8_t* row;
  int32_t pitch;
} fw_thirds_window;

static fw_thirds_window window_at(const fw_windows* w, const fw_window_place* at,
                                  int8_t* gathered) {
  const int32_t top = at->y * w->stride_h - w->pad_top, left = at->x * w->stride_w - w->pad_left;
  const int32_t depth = w->input_c, line = w->kernel_w * depth;
  const int inside = top >= 0 && top + (w->kernel_h - 1) * w->dilation_h < w->input_h &&
                     left >= 0 && left + w->kernel_w <= w->input_w && w->dilation_w == 1;
  if (inside) {
    const fw_thirds_window found = {
        .row = at->image + (top * w->input_w + left) * depth,
        .pitch = w->dilation_h * w->input_w * depth,
    };
    return found;
  }
  fw_gather_window(w, at->image, top, left, gathered);
  const fw_thirds_window found = {.row = gathered, .pitch = line};
  return found;
}

void fw_conv_2d_s8_v6m(const fw_conv_2d_thirds_params* p, const int8_t* input,
                       const int32_t* weights, fw_matrix_thirds* kernel, fw_matrix_thirds* last,
                       uint8_t* scratch, int8_t* output) {
  const fw_windows* const w = &p->windows;
  const fw_thirds_params* const m = &p->matrix;
  const int32_t line = w->kernel_w * w->input_c, window_bytes = (m->depth + 3) & ~3;
  uint32_t* const columns = (uint32_t*)(void*)scratch;
  int8_t* const gathered = (int8_t*)(columns + 2 * m->triples * m->columns);
  fw_window_place at = {input, 0, 0};

  for (int32_t left = m->count; left > 0;) {
    const int32_t triples = fw_triples_of(m, left);
    const int32_t here = left < 3 * triples ? left : 3 * triples;
    const int32_t repeated = 3 * triples - here;
    for (int32_t t = 0, before = repeated; t < triples; t++) {
      fw_thirds_window window[3];
      for (int32_t i = 0; i < 3; i++) {
        window[i] = window_at(w, &at, gathered + i * window_bytes);
        if (before > 0) {
          before--;
        } else {
          fw_next_window(w, &at);
        }
      }
      uint32_t* column = columns + 2 * t;
      for (int32_t r = 0; r < w->kernel_h; r++) {
        column = fw_put_thirds(window[0].row, window[1].row, window[2].row, line, triples, column);
        for (int32_t i = 0; i < 3; i++) window[i].row += window[i].pitch;
      }
    }
    fw_multiply_thirds(m, triples == m->triples ? kernel : last, triples, repeated, columns,
                       weights, output);
    left -= here;
    output += here * m->channels;
  }
}
