/* out = clamp(zp_out + requantize(sum (in - zp_in))), as the reference, with sums as
 * dsp_channel_sums.h has them.
 */
#include "mean_s8_dsp.h"

#include "dsp_channel_sums.h"

void fw_mean_s8_dsp(const fw_rescaled_reduction_params* p, const int8_t* input, int8_t* output) {
  static const fw_channel_adders add = {.of_8 = fw_add_8_widened, .of_4 = fw_add_4_widened};
  fw_means(p, input, &add, output);
}
