/* As the reference kernel; a pixel of up to 16 bytes takes 10 cycles, a larger one 4 per 16 bytes.
 */
#include "copy_grid_mve.h"

#include "mve_copy.h"

static inline void copy_small_pixels(const int8_t* row, const int32_t* column_at, int32_t columns,
                                     int32_t bytes, int8_t* out) {
  const int8_t* in;
  __asm__ volatile(
      "vctp.8 %[bytes]\n"
      "wls lr, %[n], 2f\n"
      "1:\n"
      "ldr %[in], [%[at]], #4\n"
      "add %[in], %[in], %[row]\n"
      "vpst\n"
      "vldrbt.u8 q0, [%[in]]\n"
      "vpst\n"
      "vstrbt.8 q0, [%[out]]\n"
      "add %[out], %[out], %[bytes]\n"
      "le lr, 1b\n"
      "2:\n"
      : [in] "=&r"(in), [at] "+r"(column_at), [out] "+r"(out)
      : [row] "r"(row), [n] "r"(columns), [bytes] "r"(bytes)
      : "lr", "q0", "memory");
}

void fw_copy_grid_mve(const fw_copy_grid_params* p, const int32_t* row_at, const int32_t* column_at,
                      const void* input, void* output) {
  const int8_t* image = input;
  int8_t* out = output;
  const int32_t bytes = p->pixel_bytes;
  for (int32_t i = 0; i < p->images; i++, image += p->image_bytes) {
    for (int32_t y = 0; y < p->rows; y++) {
      const int8_t* const row = image + row_at[y];
      if (bytes <= 16) {
        copy_small_pixels(row, column_at, p->columns, bytes, out);
        out += p->columns * bytes;
        continue;
      }
      for (int32_t x = 0; x < p->columns; x++, out += bytes) {
        fw_mve_copy(row + column_at[x], bytes, out);
      }
    }
  }
}
