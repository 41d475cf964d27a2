/* Products of pixels with a matrix of int8, 4 pixels by 2 channels, on cores without vectors.
 *
 * The inputs of 4 pixels are in scratch, in the order in which a kernel reads them: in columns,
 * each of the same inputs of all 4. Weights are by pairs of channels, from the last pair to the
 * first. Of an odd number of channels the last pair has one that is not there. Its outputs are the
 * first channel of the next pixel, which is written after it.
 */
#ifndef FW_FOUR_PIXELS_H
#define FW_FOUR_PIXELS_H

#include <stdint.h>

typedef struct {
  int32_t count;       /* pixels */
  int32_t depth;       /* inputs of a pixel */
  int32_t channels;    /* outputs of a pixel */
  int32_t input_pitch; /* bytes from a pixel to the next, where they are contiguous in the input */
  int32_t columns;     /* of a pixel, rounded up */
  int32_t whole;       /* the most of them that the kernel unrolls, times any number */
} fw_matrix_pixels_params;

/* What a kernel for 4 pixels takes, in the order in which it loads it. */
typedef struct {
  const void* columns;
  const void* whole_end; /* columns of the steps that are unrolled end here */
  const void* end;
  int8_t* output; /* of the last pair of channels of the first pixel */
  int32_t pitch;  /* bytes from a pixel's outputs to those of the next */
  int32_t pairs;
  const int32_t* weights;
} fw_pixels_block;

typedef void fw_matrix_columns(const fw_pixels_block* block);

/* The products of 4 pixels whose columns of `column_bytes` are there. */
static inline void fw_four_pixels(const fw_matrix_pixels_params* p, fw_matrix_columns* kernel,
                                  const uint8_t* columns, int32_t column_bytes,
                                  const int32_t* weights, int8_t* output) {
  const int32_t pairs = (p->channels + 1) / 2;
  const fw_pixels_block block = {
      .columns = columns,
      .whole_end = columns + p->whole * column_bytes,
      .end = columns + p->columns * column_bytes,
      .output = output + 2 * (pairs - 1),
      .pitch = p->channels,
      .pairs = pairs,
      .weights = weights,
  };
  kernel(&block);
}

/* The outputs of up to 4 pixels; of less than 4, and of the last pixels of all where a pair reaches
 * beyond a pixel, they go by `spare`, which has room for 4 pixels and a byte. */
static inline void fw_next_pixels(const fw_matrix_pixels_params* p, fw_matrix_columns* kernel,
                                  const uint8_t* columns, int32_t column_bytes,
                                  const int32_t* weights, int32_t left, int8_t* spare,
                                  int8_t* output) {
  const int32_t apart = left < 4 || (left == 4 && p->channels % 2 != 0);

  fw_four_pixels(p, kernel, columns, column_bytes, weights, apart ? spare : output);
  for (int32_t i = 0; apart && i < left * p->channels; i++) output[i] = spare[i];
}

#endif
