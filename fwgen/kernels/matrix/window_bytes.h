/* Windows of a convolution, gathered byte by byte: padding has the input's zero point. */
#ifndef FW_WINDOW_BYTES_H
#define FW_WINDOW_BYTES_H

#include <stdint.h>

typedef struct {
  int32_t batches;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c;
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t pad_top, pad_left;
  int32_t dilation_h, dilation_w;
  int32_t input_zero_point;
} fw_windows;

/* The output whose window is next. */
typedef struct {
  const int8_t* image;
  int32_t y, x;
} fw_window_place;

static inline void fw_next_window(const fw_windows* p, fw_window_place* at) {
  if (++at->x < p->output_w) return;
  at->x = 0;
  if (++at->y < p->output_h) return;
  at->y = 0;
  at->image += p->input_h * p->input_w * p->input_c;
}

/* Where `count` taps from `first` on, `step` apart, are inside 0..size: [from, to). */
typedef struct {
  int32_t from, to;
} fw_window_taps;

static inline fw_window_taps fw_inside(int32_t first, int32_t step, int32_t count, int32_t size) {
  fw_window_taps t = {.from = 0, .to = count};
  if (first >= 0 && first + (count - 1) * step < size) return t;
  while (t.from < count && first + t.from * step < 0) t.from++;
  while (t.to > t.from && first + (t.to - 1) * step >= size) t.to--;
  return t;
}

static inline int8_t* fw_put(int8_t* to, const int8_t* from, int32_t bytes) {
  for (; bytes >= 4; bytes -= 4, from += 4, to += 4) __builtin_memcpy(to, from, 4);
  for (; bytes > 0; bytes--) *to++ = *from++;
  return to;
}

static inline int8_t* fw_put_value(int8_t* to, int32_t value, int32_t bytes) {
  for (; bytes > 0; bytes--) *to++ = (int8_t)value;
  return to;
}

/* The window of an output from (top, left) of the input on, byte by byte. */
static inline void fw_gather_window(const fw_windows* p, const int8_t* image, int32_t top,
                                    int32_t left, int8_t* window) {
  const int32_t depth = p->input_c, line = p->kernel_w * depth;
  const fw_window_taps rows = fw_inside(top, p->dilation_h, p->kernel_h, p->input_h);
  const fw_window_taps columns = fw_inside(left, p->dilation_w, p->kernel_w, p->input_w);
  const int32_t count = columns.to - columns.from, pitch = p->dilation_h * p->input_w * depth;

  if (rows.to - rows.from == p->kernel_h && count == p->kernel_w && p->dilation_w == 1) {
    const int8_t* from = image + (top * p->input_w + left) * depth;
    for (int32_t r = 0; r < p->kernel_h; r++, from += pitch) window = fw_put(window, from, line);
    return;
  }
  window = fw_put_value(window, p->input_zero_point, rows.from * line);
  for (int32_t r = rows.from; r < rows.to; r++) {
    const int8_t* from =
        image +
        ((top + r * p->dilation_h) * p->input_w + left + columns.from * p->dilation_w) * depth;
    window = fw_put_value(window, p->input_zero_point, columns.from * depth);
    if (p->dilation_w == 1) {
      window = fw_put(window, from, count * depth);
    } else {
      for (int32_t c = 0; c < count; c++, from += p->dilation_w * depth) {
        window = fw_put(window, from, depth);
      }
    }
    window = fw_put_value(window, p->input_zero_point, (p->kernel_w - columns.to) * depth);
  }
  fw_put_value(window, p->input_zero_point, (p->kernel_h - rows.to) * line);
}

#endif
