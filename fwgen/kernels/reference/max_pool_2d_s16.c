/* out[b,y,x,c] = clamp(max of in[b,y*s+ky,x*s+kx,c] over the taps inside the input). Input and
 * output have the same scale and zero point. One comparison per tap; about 6 instructions per tap.
 */
#include "max_pool_2d_s16.h"

#include "requantize.h"
#include "taps.h"

void fw_max_pool_2d_s16(const fw_pool_2d_params* p, const int16_t* input, int16_t* output) {
#define FW_ELEMENT int16_t
#define FW_STATE int32_t
#define FW_START INT16_MIN
#define FW_NEXT(max, in) ((in) > (max) ? (in) : (max))
#define FW_RESULT(max, count) (int16_t)fw_clamp(max, p->activation_min, p->activation_max)
#include "pool_2d_rows.h"
}
