/* RESIZE_NEAREST_NEIGHBOR of int8 images: (batches, rows, columns, channels). */
#ifndef FW_RESIZE_NEAREST_NEIGHBOR_S8_H
#define FW_RESIZE_NEAREST_NEIGHBOR_S8_H

#include <stdint.h>

typedef struct {
  int32_t batches;
  int32_t input_h, input_w;
  int32_t output_h, output_w;
  int32_t channels;
} fw_resize_nearest_neighbor_s8_params;

/* rows[y] and columns[x] are the input row and column of output row y and column x. */
void fw_resize_nearest_neighbor_s8(const fw_resize_nearest_neighbor_s8_params* p,
                                   const int32_t* rows, const int32_t* columns, const int8_t* input,
                                   int8_t* output);

#endif
