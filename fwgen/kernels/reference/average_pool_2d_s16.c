/* out[b,y,x,c] = clamp(mean of in[b,y*s+ky,x*s+kx,c] over the taps inside the input), halves
 * rounded away from zero. Input and output have the same scale and zero point. One addition per tap
 * and one division per output; about 6 instructions per tap.
 */
#include "average_pool_2d_s16.h"

#include "requantize.h"
#include "taps.h"

static int32_t rounded_mean_s16(const fw_pool_2d_params* p, int32_t sum, int32_t count) {
  const int32_t mean = (sum + (sum > 0 ? count / 2 : -(count / 2))) / count; /* truncates */
  return fw_clamp(mean, p->activation_min, p->activation_max);
}

void fw_average_pool_2d_s16(const fw_pool_2d_params* p, const int16_t* input, int16_t* output) {
#define FW_ELEMENT int16_t
#define FW_STATE int32_t
#define FW_START 0
#define FW_NEXT(sum, in) ((sum) + (in))
#define FW_RESULT(sum, count) (int16_t)rounded_mean_s16(p, sum, count)
#include "pool_2d_rows.h"
}
