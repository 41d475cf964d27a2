/* out[b,y,x,c] = clamp(sum of in[b,y*s+ky,x*s+kx,c] / their number) over the taps inside the input,
 * added up in their order. One addition per tap and one division per output.
 */
#include "average_pool_2d_f32.h"

#include "clamp_float.h"
#include "taps.h"

void fw_average_pool_2d_f32(const fw_pool_2d_params* p, const float* bounds, const float* input,
                            float* output) {
#define FW_ELEMENT float
#define FW_STATE float
#define FW_START 0.0f
#define FW_NEXT(sum, in) ((sum) + (in))
#define FW_RESULT(sum, count) fw_clamp_float((sum) / (float)(count), bounds)
#include "pool_2d_rows.h"
}
