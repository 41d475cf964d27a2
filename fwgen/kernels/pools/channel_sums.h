/* Sums and means of int8 channels over pixels, for cores without vectors: 8 or 4 channels at a time
 * have halfwords of words as sums, in which up to 256 values have room. Of more pixels, parts are
 * added up in words.
 */
#ifndef FW_CHANNEL_SUMS_H
#define FW_CHANNEL_SUMS_H

#include "reduction.h"
#include "requantize.h"
#include "word_pixels.h"

enum { FW_PIXELS_OF_A_SUM = 256 };

/* Adds so many pixels at most to the sums of some channels, from `row` on. */
typedef void fw_add_channels(const fw_pixels* p, const int8_t* row, int32_t* sums);

typedef struct {
  fw_add_channels *of_8, *of_4;
} fw_channel_adders;

static inline void fw_add_one_channel(const fw_pixels* p, const int8_t* row, int32_t* sums) {
  int32_t sum = 0;
  for (int32_t r = 0; r < p->rows; r++, row += p->pitch) {
    const int8_t* in = row;
    for (int32_t left = p->columns; left > 0; left--, in += p->step) sum += *in;
  }
  *sums += sum;
}

__attribute__((noinline)) static void fw_add_part(const fw_pixels* p, const int8_t* first,
                                                  int32_t together, const fw_channel_adders* add,
                                                  int32_t* sums) {
  if (together == 8) {
    add->of_8(p, first, sums);
  } else if (together == 4) {
    add->of_4(p, first, sums);
  } else {
    fw_add_one_channel(p, first, sums);
  }
}

/* Adds up `together` channels, 8, 4 or 1, of any number of pixels. */
static inline void fw_sum_pixels(const fw_pixels* p, const int8_t* first, int32_t together,
                                 const fw_channel_adders* add, int32_t* sums) {
  const int32_t most = FW_PIXELS_OF_A_SUM;
  if (p->rows * p->columns <= most) {
    fw_add_part(p, first, together, add, sums);
    return;
  }
  const int32_t rows = p->columns >= most ? 1 : most / p->columns;
  for (int32_t r = 0; r < p->rows; r += rows) {
    for (int32_t c = 0; c < p->columns; c += most) {
      const int32_t rows_left = p->rows - r, columns_left = p->columns - c;
      const fw_pixels part = {.rows = rows_left < rows ? rows_left : rows,
                              .columns = columns_left < most ? columns_left : most,
                              .step = p->step,
                              .pitch = p->pitch};
      fw_add_part(&part, first + r * p->pitch + c * p->step, together, add, sums);
    }
  }
}

/* The means of a window of a pool: a division that truncates, as the reference has it. */
static inline void fw_window_means(const fw_pixels* window, const int8_t* first, int32_t channels,
                                   const fw_channel_adders* add, int8_t* out) {
  const int32_t count = window->rows * window->columns, half = count / 2;
  for (int32_t c = 0, together; c < channels; c += together) {
    int32_t sums[8] = {0};
    together = fw_channels_together(channels - c);
    fw_sum_pixels(window, first + c, together, add, sums);
    for (int32_t i = 0; i < together; i++) {
      out[c + i] = (int8_t)((sums[i] + (sums[i] > 0 ? half : -half)) / count);
    }
  }
}

/* The channels of one output of a reduction. */
static inline void fw_channel_means(const fw_rescaled_reduction_params* p, const int8_t* first,
                                    int32_t channels, const fw_channel_adders* add, int8_t* out) {
  const fw_pixels image = fw_pixels_of(p->reduced_size[1], p->reduced_size[2], p->reduced_stride[2],
                                       p->reduced_stride[1]);
  for (int32_t c = 0, together; c < channels; c += together) {
    int32_t sums[8] = {0};
    together = fw_channels_together(channels - c);
    for (int32_t a = 0; a < p->reduced_size[0]; a++) {
      fw_sum_pixels(&image, first + c + a * p->reduced_stride[0], together, add, sums);
    }
    for (int32_t i = 0; i < together; i++) {
      const int32_t scaled =
          fw_requantize(sums[i] + p->offset, p->output_multiplier, p->output_shift);
      out[c + i] = fw_add_zero_point(scaled, p->output_zero_point, INT8_MIN, INT8_MAX);
    }
  }
}

/* Means of int8 along axes before the last: the last of the axes that stay has a stride of 1. */
static inline void fw_means(const fw_rescaled_reduction_params* p, const int8_t* input,
                            const fw_channel_adders* add, int8_t* output) {
  for (int32_t i = 0; i < p->kept_size[0]; i++) {
    for (int32_t j = 0; j < p->kept_size[1]; j++, output += p->kept_size[2]) {
      const int8_t* const first = input + i * p->kept_stride[0] + j * p->kept_stride[1];
      fw_channel_means(p, first, p->kept_size[2], add, output);
    }
  }
}

#endif
