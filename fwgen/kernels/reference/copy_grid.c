/* A pixel at a time by memcpy. */
#include "copy_grid.h"

void fw_copy_grid(const fw_copy_grid_params* p, const int32_t* row_at, const int32_t* column_at,
                  const void* input, void* output) {
  const uint8_t* image = input;
  uint8_t* out = output;
  for (int32_t i = 0; i < p->images; i++, image += p->image_bytes) {
    for (int32_t y = 0; y < p->rows; y++) {
      for (int32_t x = 0; x < p->columns; x++, out += p->pixel_bytes) {
        __builtin_memcpy(out, image + row_at[y] + column_at[x], (uint32_t)p->pixel_bytes);
      }
    }
  }
}
