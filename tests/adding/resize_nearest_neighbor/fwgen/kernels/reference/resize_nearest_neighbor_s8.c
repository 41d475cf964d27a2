/* out[b,y,x,c] = in[b,rows[y],columns[x],c]: a copy of each pixel's channels. */
#include "resize_nearest_neighbor_s8.h"

void fw_resize_nearest_neighbor_s8(const fw_resize_nearest_neighbor_s8_params* p,
                                   const int32_t* rows, const int32_t* columns, const int8_t* input,
                                   int8_t* output) {
  for (int32_t b = 0; b < p->batches; b++) {
    for (int32_t y = 0; y < p->output_h; y++) {
      const int8_t* row = input + (b * p->input_h + rows[y]) * p->input_w * p->channels;
      for (int32_t x = 0; x < p->output_w; x++) {
        const int8_t* pixel = row + columns[x] * p->channels;
        for (int32_t c = 0; c < p->channels; c++) *output++ = pixel[c];
      }
    }
  }
}
