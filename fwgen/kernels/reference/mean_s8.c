/* out = clamp(zp_out + requantize(sum (in - zp_in))); the multiplier holds the division by the
 * number of elements. One addition per input; 32-bit sums, proven at build not to overflow.
 */
#include "mean_s8.h"

#include "requantize.h"

static int32_t rescaled_mean_s8(const fw_rescaled_reduction_params* p, int32_t sum) {
  const int32_t zero_point = p->output_zero_point;
  return fw_clamp(fw_requantize(sum, p->output_multiplier, p->output_shift), INT8_MIN - zero_point,
                  INT8_MAX - zero_point) +
         zero_point;
}

void fw_mean_s8(const fw_rescaled_reduction_params* p, const int8_t* input, int8_t* output) {
#define FW_ELEMENT int8_t
#define FW_STATE int32_t
#define FW_START p->offset
#define FW_NEXT(sum, in) ((sum) + (in))
#define FW_RESULT(sum) (int8_t)rescaled_mean_s8(p, sum)
#include "reduction_rows.h"
}
