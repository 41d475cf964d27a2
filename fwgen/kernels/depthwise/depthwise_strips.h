/* The strips of a depthwise convolution by planes: depthwise_walk.h. For each four channels and
 * each strip of the image the planes are filled, and then each channel is convolved. The last
 * strips are moved back to end with the output.
 */
#ifndef FW_DEPTHWISE_STRIPS_H
#define FW_DEPTHWISE_STRIPS_H

#include "depthwise_walk.h"

/* Inputs of a strip along an axis of the image. */
typedef struct {
  int32_t first; /* negative before the image */
  int32_t count;
  int32_t size;  /* of the image */
  int32_t bytes; /* from an input to the next */
} fw_plane_inputs;

/* Of `count` positions from `first` on, those before a range of `size`. */
static inline int32_t fw_inputs_before(const fw_plane_inputs* axis) {
  const int32_t outside = axis->first < 0 ? -axis->first : 0;
  return outside < axis->count ? outside : axis->count;
}

/* And those in it. */
static inline int32_t fw_inputs_inside(const fw_plane_inputs* axis) {
  const int32_t left = axis->size - axis->first;
  const int32_t end = left < axis->count ? left : axis->count;
  return end - fw_inputs_before(axis);
}

/* The first output of a strip along an axis. */
static inline int32_t fw_strip_place(int32_t at, int32_t strip, int32_t size, int32_t backwards) {
  const int32_t first = at + strip > size ? size - strip : at;
  return backwards ? size - strip - first : first;
}

/* Fills the planes of a strip, each window of which has an input; `image` begins with the first of
 * the four channels. If `padded`, what has nothing but padding is there. */
typedef void fw_fill_planes(uint8_t* planes, const int8_t* image, const fw_plane_inputs* along,
                            const fw_plane_inputs* across, int32_t pad_value, int32_t padded);

/* Bytes of a value, and from the plane of a channel to that of the next. */
typedef struct {
  int32_t value, plane;
} fw_plane_sizes;

/* All outputs. */
static inline void fw_each_plane(const fw_depthwise_planes_params* p, const int8_t* input,
                                 const int32_t* records, fw_depthwise_plane* kernel,
                                 fw_fill_planes fill, fw_plane_sizes bytes, uint8_t* planes,
                                 int8_t* output) {
  const int32_t inputs = p->channels * bytes.value, outputs = inputs * p->multiplier;
  const int32_t whole = p->strip_h == p->output_h && p->strip_w == p->output_w;
  fw_plane_inputs h = {0, p->inputs_h, p->input_h, p->input_w * inputs};
  fw_plane_inputs w = {0, p->inputs_w, p->input_w, inputs};
  int32_t padded = 0;

  for (int32_t b = 0; b < p->batches; b++) {
    for (int32_t c = 0; c < p->channels; c += 4) {
      const int32_t left = p->channels - c, channels = left < 4 ? left : 4;
      for (int32_t i = 0; i < p->output_h; i += p->strip_h) {
        const int32_t y = fw_strip_place(i, p->strip_h, p->output_h, p->backwards);
        h.first = y * p->stride_h - p->pad_top;
        for (int32_t j = 0; j < p->output_w; j += p->strip_w) {
          const int32_t x = fw_strip_place(j, p->strip_w, p->output_w, p->backwards);
          w.first = x * p->stride_w - p->pad_left;
          fill(planes, input + c * bytes.value, p->upright ? &h : &w, p->upright ? &w : &h,
               p->pad_value, padded);
          padded = whole;
          int32_t o = c * p->multiplier;
          int8_t* const to = output + (y * p->output_w + x) * outputs;
          for (int32_t k = 0; k < channels; k++) {
            for (int32_t m = 0; m < p->multiplier; m++, o++) {
              kernel(planes + k * bytes.plane, to + o * bytes.value, records + o * p->record_words,
                     &p->walk);
            }
          }
        }
      }
    }
    input += p->input_h * p->input_w * inputs;
    output += p->output_h * p->output_w * outputs;
  }
}

#endif
