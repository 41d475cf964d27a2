/* out[b,y,x,c] = the mean of four elements, added up in this order.
 * Eight multiplications per output.
 */
#include "resize_bilinear_f32.h"

static float interpolated_f32(float a, float b, float c, float d, float y, float x) {
  return a * (1.0f - y) * (1.0f - x) + b * y * (1.0f - x) + c * (1.0f - y) * x + d * y * x + 0.0f;
}

void fw_resize_bilinear_f32(const fw_resize_bilinear_params* p, const int32_t* rows,
                            const float* row_fractions, const int32_t* columns,
                            const float* column_fractions, const float* input, float* output) {
#define FW_ELEMENT float
#define FW_FRACTION float
#define FW_RESULT interpolated_f32
#include "resize_bilinear_rows.h"
}
