/* out[b,y,x,c] = clamp(max of in[b,y*s+ky,x*s+kx,c] over the taps inside the input). Input and
 * output have the same scale and zero point. One comparison per tap; about 6 instructions per tap.
 */
#include "max_pool_2d_s8.h"

#include "requantize.h"
#include "taps.h"

void fw_max_pool_2d_s8(const fw_pool_2d_params* p, const int8_t* input, int8_t* output) {
#define FW_ELEMENT int8_t
#define FW_STATE int32_t
#define FW_START INT8_MIN
#define FW_NEXT(max, in) ((in) > (max) ? (in) : (max))
#define FW_RESULT(max, count) (int8_t)fw_clamp(max, p->activation_min, p->activation_max)
#include "pool_2d_rows.h"
}
