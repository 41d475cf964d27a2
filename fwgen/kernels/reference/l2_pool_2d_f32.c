/* out[b,y,x,c] = clamp(root of the sum of squares of in[b,y*s+ky,x*s+kx,c] / their number) over the
 * taps inside the input, added up in their order. A multiplication and an addition per tap, a
 * division and a root per output.
 */
#include "l2_pool_2d_f32.h"

#include "clamp_float.h"
#include "reals.h"
#include "taps.h"

void fw_l2_pool_2d_f32(const fw_pool_2d_params* p, const float* bounds, const float* input,
                       float* output) {
#define FW_ELEMENT float
#define FW_STATE float
#define FW_START 0.0f
#define FW_NEXT(sum, in) ((sum) + (in) * (in))
#define FW_RESULT(sum, count) fw_clamp_float(fw_square_root((sum) / (float)(count)), bounds)
#include "pool_2d_rows.h"
}
