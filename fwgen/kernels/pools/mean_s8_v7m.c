/* out = clamp(zp_out + requantize(sum (in - zp_in))), as the reference, with sums as
 * v7m_channel_sums.h has them.
 */
#include "mean_s8_v7m.h"

#include "v7m_channel_sums.h"

void fw_mean_s8_v7m(const fw_rescaled_reduction_params* p, const int8_t* input, int8_t* output) {
  static const fw_channel_adders add = {.of_8 = fw_add_8_bytes, .of_4 = fw_add_4_bytes};
  fw_means(p, input, &add, output);
}
