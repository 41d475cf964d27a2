/* out[b,y,x,c] = the mean of four elements by fractions of 1/1024, halves rounded away from zero.
 * Eight multiplications per output.
 */
#include "resize_bilinear_s8.h"

/* Fractions are from -512 to 1024: no product is beyond 2^29. */
static int8_t interpolated_s8(int32_t a, int32_t b, int32_t c, int32_t d, int32_t y, int32_t x) {
  const int32_t one = 1024;
  const int32_t sum = a * (one - y) * (one - x) + b * y * (one - x) + c * (one - y) * x + d * y * x;
  return (int8_t)((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20)); /* truncates */
}

void fw_resize_bilinear_s8(const fw_resize_bilinear_params* p, const int32_t* rows,
                           const int32_t* row_fractions, const int32_t* columns,
                           const int32_t* column_fractions, const int8_t* input, int8_t* output) {
#define FW_ELEMENT int8_t
#define FW_FRACTION int32_t
#define FW_RESULT interpolated_s8
#include "resize_bilinear_rows.h"
}
