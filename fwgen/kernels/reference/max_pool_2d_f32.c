/* out[b,y,x,c] = clamp(max of in[b,y*s+ky,x*s+kx,c] over the taps inside the input). What is not a
 * number is left out. One comparison per tap.
 */
#include "max_pool_2d_f32.h"

#include <float.h>

#include "clamp_float.h"
#include "taps.h"

void fw_max_pool_2d_f32(const fw_pool_2d_params* p, const float* bounds, const float* input,
                        float* output) {
#define FW_ELEMENT float
#define FW_STATE float
#define FW_START -FLT_MAX
#define FW_NEXT(max, in) ((in) > (max) ? (in) : (max))
#define FW_RESULT(max, count) fw_clamp_float(max, bounds)
#include "pool_2d_rows.h"
}
