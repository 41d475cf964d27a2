/* out = clamp(zp_out + requantize(sum (in - zp_in))), as the reference, with sums as
 * v6m_channel_sums.h has them.
 */
#include "mean_s8_v6m.h"

#include "v6m_channel_sums.h"

void fw_mean_s8_v6m(const fw_rescaled_reduction_params* p, const int8_t* input, int8_t* output) {
  static const fw_channel_adders add = {.of_8 = fw_v6m_add_8, .of_4 = fw_v6m_add_4};
  fw_means(p, input, &add, output);
}
