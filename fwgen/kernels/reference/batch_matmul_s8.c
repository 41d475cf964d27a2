/* out[y,x] = clamp(zp_out + requantize(sum (l - zp_l) * (r - zp_r))); 32-bit sums, proven at build
 * not to overflow. One multiplication per output and depth.
 */
#include "batch_matmul_s8.h"

#include "requantize.h"

void fw_batch_matmul_s8(const fw_batch_matmul_params* p, const int8_t* left, const int8_t* right,
                        int8_t* output) {
#define FW_ELEMENT int8_t
#define FW_SUM int32_t
#define FW_PRODUCT(a, b) (((a) - p->left_zero_point) * ((b) - p->right_zero_point))
#define FW_RESULT(sum)                                                         \
  fw_add_zero_point(fw_requantize(sum, p->output_multiplier, p->output_shift), \
                    p->output_zero_point, INT8_MIN, INT8_MAX)
#include "batch_matmul_rows.h"
}
