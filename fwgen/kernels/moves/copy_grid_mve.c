/* As the reference kernel; a pixel takes 4 cycles per 16 bytes. */
#include "copy_grid_mve.h"

#include "mve_copy.h"

void fw_copy_grid_mve(const fw_copy_grid_params* p, const int32_t* row_at, const int32_t* column_at,
                      const void* input, void* output) {
  const int8_t* image = input;
  int8_t* out = output;
  for (int32_t i = 0; i < p->images; i++, image += p->image_bytes) {
    for (int32_t y = 0; y < p->rows; y++) {
      for (int32_t x = 0; x < p->columns; x++, out += p->pixel_bytes) {
        fw_mve_copy(image + row_at[y] + column_at[x], p->pixel_bytes, out);
      }
    }
  }
}
